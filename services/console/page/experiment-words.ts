/** The words of experiments. */
export const experimentWords = {
  experiment: ['Each customer once', 'Tiap pelanggan sekali'],
  experimentMeans: [
    'The first decision about each customer alone: what is decided later about the same customer is not counted again.',
    'Hanya keputusan pertama tentang tiap pelanggan: keputusan berikutnya tentang pelanggan yang sama tidak dihitung lagi.',
  ],
  arm: ['arm', 'kelompok'],
  armAssigned: ['profiles', 'profil'],
  armExpected: ['expected by share', 'seharusnya menurut porsi'],
  armReached: ['reached the goal', 'mencapai sasaran'],
  ratioAlarm: [
    'Do not trust these comparisons: the arms are filled so unevenly that chance would do it in {p} of cases. Customers are lost or counted unevenly.',
    'Jangan percaya perbandingan ini: kelompok terisi begitu timpang sehingga kebetulan hanya menyebabkannya pada {p} kasus. Pelanggan hilang atau dihitung timpang.',
  ],
  ratioFine: ['the arms are filled as their shares say', 'kelompok terisi sesuai porsinya'],
  compared: ['{arm} beside {baseline}', '{arm} dibanding {baseline}'],
  onceInterval: ['{low} to {high}, for one look', '{low} sampai {high}, untuk sekali lihat'],
  anytimeInterval: ['{low} to {high}, whenever you look and stop', '{low} sampai {high}, kapan pun dilihat dan dihentikan'],
  anytimeSoon: ['whenever you look: from 100 settled customers in each arm on', 'kapan pun dilihat: mulai 100 pelanggan selesai di tiap kelompok'],
} as const satisfies Record<string, readonly [en: string, id: string]>;
