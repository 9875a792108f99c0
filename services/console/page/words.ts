import { signal } from '@preact/signals';

/** The languages of the page. */
export type Language = 'en' | 'id';

/** Every word of the page: English, then Indonesian. `{name}` is filled in. */
const table = {
  live: ['Live', 'Langsung'],
  customers: ['Customers', 'Pelanggan'],
  campaigns: ['Campaigns', 'Kampanye'],
  outbox: ['Outbox', 'Kotak keluar'],
  views: ['Views', 'Tampilan'],
  language: ['Language', 'Bahasa'],
  skip: ['Skip to content', 'Langsung ke isi'],
  replaying: ['Replaying {date}', 'Memutar ulang {date}'],
  replayed: ['History replayed', 'Riwayat selesai diputar'],
  replayProgress: ['{done} of {total} events replayed', '{done} dari {total} peristiwa diputar ulang'],
  perSecond: ['events/s', 'peristiwa/dtk'],
  lag: ['lag', 'antrean'],
  lagMeans: ['Records that wait to be folded', 'Catatan yang menunggu diolah'],
  rejected: ['rejected', 'ditolak'],
  clockShop: ['shop clock', 'jam toko'],
  clockVirtual: ['virtual clock', 'jam virtual'],
  lost: ['Connection lost. Trying again…', 'Koneksi terputus. Mencoba lagi…'],
  lostFix: [
    'Is the process running? Start it again: everything acknowledged is still there.',
    'Apakah prosesnya berjalan? Jalankan lagi: semua yang sudah diterima masih ada.',
  ],
  connecting: ['Connecting…', 'Menghubungkan…'],
  eventsNow: ['Events a second', 'Peristiwa per detik'],
  lastMinute: ['last 60 seconds, machine time', '60 detik terakhir, waktu mesin'],
  eventsYear: ['Events a day', 'Peristiwa per hari'],
  wholeLog: ['the whole log, business time', 'seluruh log, waktu bisnis'],
  chartIs: ['Chart: {what}. Highest {max}.', 'Grafik: {what}. Tertinggi {max}.'],
  feed: ['Feed', 'Aliran'],
  feedNew: ['{n} new: point away to see', '{n} baru: jauhkan penunjuk untuk melihat'],
  feedEmpty: ['Nothing has happened yet.', 'Belum ada yang terjadi.'],
  feedTeach: [
    'Send an event with the command at the foot of this page; it shows here within a second.',
    'Kirim peristiwa dengan perintah di kaki halaman ini; ia muncul di sini dalam satu detik.',
  ],
  noRejected: [
    'No rejected events. Send one: leave order_id out of the command below.',
    'Tidak ada peristiwa yang ditolak. Kirim satu: hapus order_id dari perintah di bawah.',
  ],
  all: ['All', 'Semua'],
  show: ['Show', 'Tampilkan'],
  kind_event: ['Events', 'Peristiwa'],
  kind_segment: ['Segments', 'Segmen'],
  kind_decided: ['Decisions', 'Keputusan'],
  kind_delivery: ['Messages', 'Pesan'],
  kind_rejected: ['Rejected', 'Ditolak'],
  other: ['other', 'lainnya'],
  entered: ['entered segment {segment}', 'masuk segmen {segment}'],
  left: ['left segment {segment}', 'keluar dari segmen {segment}'],
  line: ['1 line', '1 baris'],
  lines: ['{n} lines', '{n} baris'],
  consentChanged: ['consent changed: {what}', 'persetujuan berubah: {what}'],
  out_OFFER: ['decided: {offer}', 'diputuskan: {offer}'],
  out_MESSAGE: ['decided: message {message}', 'diputuskan: pesan {message}'],
  out_NOTHING: ['decided: nothing ({campaign})', 'diputuskan: tidak ada ({campaign})'],
  out_HELD_OUT: ['held out of {campaign}', 'masuk kelompok kontrol {campaign}'],
  out_NO_CONSENT: ['no consent for {campaign}', 'tidak ada persetujuan untuk {campaign}'],
  del_SENT: ['sent by {channel}', 'terkirim lewat {channel}'],
  del_HELD: ['held: {reason} until {until}', 'ditahan: {reason} sampai {until}'],
  del_DROPPED: ['not sent: {reason}', 'tidak dikirim: {reason}'],
  del_FAILED: ['failed: {reason}', 'gagal: {reason}'],
  del_UNKNOWN: ['unknown whether it was sent', 'tidak diketahui apakah terkirim'],
  rejectedWas: ['rejected: {reason}', 'ditolak: {reason}'],
  why: ['why', 'mengapa'],
  customer: ['Customer {id}', 'Pelanggan {id}'],
  someone: ['customer {id}', 'pelanggan {id}'],
  search: ['Find a customer by identifier', 'Cari pelanggan menurut pengenal'],
  searchHint: ['for example 13085', 'misalnya 13085'],
  found: ['{n} found', '{n} ditemukan'],
  noneFound: ['No customer has this identifier.', 'Tidak ada pelanggan dengan pengenal ini.'],
  noneFoundTeach: [
    'The page knows the 20,000 most recently active. Send an event of this customer first.',
    'Halaman ini mengenal 20.000 yang terakhir aktif. Kirim dahulu peristiwa pelanggan ini.',
  ],
  pickCustomer: ['Choose a customer.', 'Pilih pelanggan.'],
  pickTeach: [
    'Then see what is known, for which purpose it may be used, and everything that happened.',
    'Lalu lihat apa yang diketahui, untuk tujuan apa boleh dipakai, dan semua yang terjadi.',
  ],
  purpose: ['Read for', 'Dibaca untuk'],
  purposeTeach: ['Every read names its purpose; consent decides what it sees.', 'Setiap pembacaan menyebut tujuannya; persetujuan menentukan yang terlihat.'],
  consent: ['Consent', 'Persetujuan'],
  allowed: ['allowed', 'diizinkan'],
  denied: ['not allowed', 'tidak diizinkan'],
  segments: ['Segments', 'Segmen'],
  noSegments: ['in no segment', 'tidak di segmen mana pun'],
  features: ['Features', 'Fitur'],
  traits: ['Traits', 'Sifat'],
  madeUp: ['made up', 'rekaan'],
  madeUpMeans: ['Invented for the demo: the data set has none', 'Dibuat untuk demo: kumpulan data tidak memilikinya'],
  missing: ['not known yet', 'belum diketahui'],
  withheld: ['withheld: consent does not cover {purpose}', 'ditahan: persetujuan tidak mencakup {purpose}'],
  erased: ['erased', 'dihapus'],
  samples: ['{n} samples since this page was opened', '{n} sampel sejak halaman ini dibuka'],
  timeline: ['Timeline', 'Lini masa'],
  timelineNewest: ['newest first, business time', 'terbaru dahulu, waktu bisnis'],
  profileAt: ['{events} events folded; stands at {position}', '{events} peristiwa diolah; pada {position}'],
  back: ['Back', 'Kembali'],
  decision: ['Decision', 'Keputusan'],
  outcome: ['Outcome', 'Hasil'],
  outcome_OFFER: ['Offer', 'Penawaran'],
  outcome_MESSAGE: ['Message', 'Pesan'],
  outcome_NOTHING: ['Nothing', 'Tidak ada'],
  outcome_HELD_OUT: ['Held out', 'Kelompok kontrol'],
  outcome_NO_CONSENT: ['No consent', 'Tanpa persetujuan'],
  recompute: ['Recompute', 'Hitung ulang'],
  recomputing: ['Recomputing…', 'Menghitung ulang…'],
  identical: ['identical', 'identik'],
  different: ['different', 'berbeda'],
  identicalMeans: ['decided again from the record: the same, bit for bit', 'diputuskan lagi dari catatan: sama, bit demi bit'],
  differentMeans: ['deciding again from the record gave another result', 'keputusan ulang dari catatan memberi hasil lain'],
  candidates: ['Candidates', 'Kandidat'],
  noCandidates: ['No offer was weighed.', 'Tidak ada penawaran yang ditimbang.'],
  offer: ['Offer', 'Penawaran'],
  value: ['Value', 'Nilai'],
  propensity: ['Propensity', 'Peluang terima'],
  cost: ['Cost', 'Biaya'],
  score: ['Score', 'Skor'],
  drawn: ['Drawn with', 'Peluang dipilih'],
  formula: ['score = value × propensity − cost', 'skor = nilai × peluang − biaya'],
  won: ['won', 'menang'],
  excluded: ['excluded: {why}', 'dikecualikan: {why}'],
  valuesRead: ['Values read', 'Nilai yang dibaca'],
  name: ['Name', 'Nama'],
  age: ['Age', 'Umur'],
  holdout: ['Holdout place', 'Posisi kontrol'],
  holdoutOf: ['{place} (held out below {share})', '{place} (kontrol di bawah {share})'],
  chance: ['Chance of the winner', 'Peluang pemenang'],
  explored: ['Explored', 'Eksplorasi'],
  yes: ['yes', 'ya'],
  no: ['no', 'tidak'],
  campaign: ['Campaign', 'Kampanye'],
  decidedAt: ['Decided at', 'Diputuskan pada'],
  versions: ['Versions', 'Versi'],
  versionsAre: ['configuration {configuration}, code {runtime}', 'konfigurasi {configuration}, kode {runtime}'],
  noCampaigns: ['No campaign has decided anything yet.', 'Belum ada kampanye yang memutuskan apa pun.'],
  noCampaignsTeach: [
    'A campaign decides when a customer enters its segment. Watch the Live view.',
    'Kampanye memutuskan saat pelanggan masuk segmennya. Lihat tampilan Langsung.',
  ],
  enteredN: ['entered', 'masuk'],
  heldOut: ['held out', 'kontrol'],
  offered: ['offered', 'ditawari'],
  messaged: ['messaged', 'dikirimi'],
  nothing: ['nothing', 'tidak ada'],
  noConsent: ['no consent', 'tanpa persetujuan'],
  addsUp: ['adds up', 'jumlahnya cocok'],
  addsNot: ['{n} still being counted', '{n} masih dihitung'],
  deliveries: ['What became of the messages', 'Nasib pesan'],
  noDeliveries: ['No message yet.', 'Belum ada pesan.'],
  messagesOf: ['{n} messages of {expected} decisions with one', '{n} pesan dari {expected} keputusan yang berpesan'],
  sent: ['sent', 'terkirim'],
  held: ['held', 'ditahan'],
  unknown: ['unknown', 'tidak diketahui'],
  effect: ['Effect', 'Dampak'],
  goal: ['reached {event} within {days} days', 'mencapai {event} dalam {days} hari'],
  treated: ['treated', 'diperlakukan'],
  control: ['held out', 'kontrol'],
  of: ['{n} of {total}', '{n} dari {total}'],
  lift: ['lift {lift} points', 'beda {lift} poin'],
  interval: ['95 % interval from {low} to {high}', 'selang 95 % dari {low} sampai {high}'],
  noLift: [
    'Too few have settled to compare: the goal time must pass on both sides.',
    'Terlalu sedikit untuk dibandingkan: waktu sasaran harus lewat di kedua sisi.',
  ],
  noGoal: ['It has no goal and no holdout, so there is nothing to compare.', 'Tidak ada sasaran dan kelompok kontrol, jadi tidak ada yang dibandingkan.'],
  trueZero: ['replayed history: the true effect is zero', 'riwayat yang diputar ulang: dampak sebenarnya nol'],
  trueZeroWhy: [
    'Nobody got these mails; customers came back anyway, so whatever differs here is chance.',
    'Tak seorang pun menerima surel ini; pelanggan tetap kembali, jadi setiap beda di sini kebetulan.',
  ],
  accepted: ['Accepted', 'Diterima'],
  sentN: ['Sent', 'Terkirim'],
  rate: ['Rate', 'Rasio'],
  noMails: ['No mail yet.', 'Belum ada surel.'],
  noMailsTeach: [
    'Mails stay on this machine while no mail server is set. One appears when a campaign decides to write.',
    'Surel tetap di mesin ini selama tidak ada server surel. Satu muncul saat kampanye memutuskan menulis.',
  ],
  pickMail: ['Choose a mail.', 'Pilih surel.'],
  mailsTotal: ['{n} mails', '{n} surel'],
  phone: ['Phone', 'Ponsel'],
  desktop: ['Desktop', 'Desktop'],
  text: ['Text', 'Teks'],
  source: ['Source', 'Sumber'],
  look: ['Look', 'Tampilan surel'],
  mailFrame: ['The mail as it looks', 'Surel sebagaimana tampak'],
  to: ['To', 'Kepada'],
  whySent: ['Why it was sent', 'Mengapa dikirim'],
  more: ['Show older', 'Lihat yang lebih lama'],
  tryIt: ['Try it', 'Coba'],
  tryEvent: ['Send an event and watch it arrive:', 'Kirim peristiwa dan lihat ia tiba:'],
  tryKill: ['Kill the process and start again: the same counts.', 'Matikan prosesnya dan jalankan lagi: angkanya sama.'],
  copy: ['Copy', 'Salin'],
  copied: ['Copied', 'Tersalin'],
  failed: ['This could not be read: {message}', 'Ini tidak dapat dibaca: {message}'],
  loading: ['Reading…', 'Membaca…'],
  days: ['days', 'hari'],
} as const satisfies Record<string, readonly [en: string, id: string]>;

/** Names of words. */
export type Word = keyof typeof table;

const STORED = 'attune-language';

/** The language of the page; the browser's at first. */
export const language = signal<Language>(firstLanguage());

/** Speaks another language from now on, also at the next visit. */
export function speak(to: Language): void {
  language.value = to;
  document.documentElement.lang = to;
  localStorage.setItem(STORED, to);
}

/** A word in the page's language, with its places filled in. */
export function t(word: Word, places: Readonly<Record<string, string | number>> = {}): string {
  return table[word][language.value === 'id' ? 1 : 0].replace(/\{(\w+)\}/g, (_, name: string) => String(places[name] ?? ''));
}

/** The word of a code such as `out_OFFER`; the code itself where there is none. */
export const tCode = (prefix: string, code: string, places: Readonly<Record<string, string | number>> = {}): string =>
  `${prefix}_${code}` in table ? t(`${prefix}_${code}` as Word, places) : code;

function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED) ?? navigator.language.slice(0, 2);
  return stored === 'id' ? 'id' : 'en';
}
