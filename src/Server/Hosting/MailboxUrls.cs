using FullStack.Imap.Urls;
using FullStack.Smtp;
using FullStack.Store.Accounts;

namespace FullStack.Server.Hosting;

/// <summary>Fetches for the submission server what users name by URL, from the mailboxes of this process.</summary>
/// <remarks>RFC 4468 §3.3: a URL for <c>submit+</c> somebody is good for that user alone.</remarks>
internal sealed class MailboxUrls(UrlAuthority urls) : IMessageUrls
{
    public async ValueTask<IUrlOctets?> OpenAsync(ReadOnlyMemory<byte> url, string account, CancellationToken ct)
    {
        UrlContent? content = AccountName.TryParse(account, out AccountName? user)
            ? await urls.OpenAsync(url, new(user, UrlRole.Submitter), ct)
            : null;
        return content is null ? null : new Opened(content);
    }

    private sealed class Opened(UrlContent content) : IUrlOctets
    {
        public long Octets => content.Octets;

        public ValueTask CopyAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken ct) => content.CopyAsync(take, ct);

        public void Dispose() => content.Dispose();
    }
}
