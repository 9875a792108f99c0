import { useState } from 'preact/hooks';
import { status } from './live-state.ts';
import { t } from './words.ts';

/** The commands that show what Attune is. */
export function TryIt() {
  const event = JSON.stringify({
    userId: 'me',
    event: 'Order Completed',
    properties: { order_id: 'try-1', total: 42, products: [{ product_id: '22423', quantity: 1, price: 42 }] },
  });
  const cancelled = JSON.stringify({ userId: '13085', event: 'Order Cancelled', properties: { order_id: 'try-2', total: 120 } });
  return (
    <footer>
      <h2>{t('tryIt')}</h2>
      <p>{t('tryEvent')}</p>
      <Command text={`curl -u demo: ${location.origin}/v1/track -d '${event}'`} />
      {status.value?.replay !== undefined && (
        <>
          <p>{t('tryCancel')}</p>
          <Command text={`curl -u demo: ${location.origin}/v1/track -d '${cancelled}'`} />
        </>
      )}
      {status.value !== undefined && (
        <>
          <p>{t('tryKill')}</p>
          <Command text={`kill -9 ${status.value.pid}`} />
          <p class="note">
            {t('runs', { version: status.value.version })}
            {status.value.configurationVersion !== undefined && (
              <span title={status.value.configurationVersion}> · {t('configured', { hash: status.value.configurationVersion.slice(0, 8) })}</span>
            )}
          </p>
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
