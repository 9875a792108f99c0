import { useState } from 'preact/hooks';
import { status } from './live-state.ts';
import { t } from './words.ts';

/** The two commands that show what Attune is. */
export function TryIt() {
  const event = JSON.stringify({
    userId: 'me',
    event: 'Order Completed',
    properties: { order_id: 'try-1', total: 42, products: [{ product_id: '22423', quantity: 1, price: 42 }] },
  });
  return (
    <footer>
      <h2>{t('tryIt')}</h2>
      <p>{t('tryEvent')}</p>
      <Command text={`curl -u demo: ${location.origin}/v1/track -d '${event}'`} />
      {status.value !== undefined && (
        <>
          <p>{t('tryKill')}</p>
          <Command text={`kill -9 ${status.value.pid}`} />
          <p class="note">Attune {status.value.version}</p>
        </>
      )}
    </footer>
  );
}

function Command({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <div class="command">
      <code>{text}</code>
      <button type="button" aria-label={`${t('copy')}: ${text}`} onClick={copy}>
        <span role="status">{copied ? t('copied') : t('copy')}</span>
      </button>
    </div>
  );
}
