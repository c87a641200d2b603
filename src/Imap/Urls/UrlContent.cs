using FullStack.Imap.Access;
using FullStack.Imap.Fetch;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Acl;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Urls;

/// <summary>What a URL names, opened. It sets no flag and selects nothing.</summary>
public sealed class UrlContent : IDisposable
{
    private readonly MailboxPlace _place;
    private readonly IDisposable? _owner;
    private readonly MailboxView _view;
    private MessageContent? _content;
    private SectionOctets? _octets;

    private UrlContent(MailboxPlace place, MailboxView view, IDisposable? owner) => (_place, _view, _owner) = (place, view, owner);

    /// <summary>How many octets it has.</summary>
    public long Octets => _octets?.Octets ?? 0;

    /// <summary>Opens it as a user may read it; null where there is nothing that he may read.</summary>
    /// <param name="access">Finds mailboxes for the user.</param>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="url">What of it.</param>
    /// <param name="owner">What is disposed of with it, also where there is nothing; may be null.</param>
    /// <param name="ct">Ends the wait.</param>
    internal static async ValueTask<UrlContent?> OpenAsync(MailboxAccess access, MailboxName mailbox, ImapUrl url, IDisposable? owner, CancellationToken ct)
    {
        Result<MailboxPlace> place = await access.FindAsync(mailbox, AclRights.Read, ct);
        if (!place.Ok)
        {
            owner?.Dispose();
            return null;
        }

        Result<MailboxView> view = await place.Value.Account.OpenAsync(place.Value.Name, readOnly: true, ct);
        if (!view.Ok)
        {
            place.Value.Dispose();
            owner?.Dispose();
            return null;
        }

        UrlContent content = new(place.Value, view.Value, owner);
        if (await content.FindAsync(url, ct))
            return content;
        content.Dispose();
        return null;
    }

    /// <summary>Gives all octets to <paramref name="take"/>, which must be done with a chunk when it returns.</summary>
    public ValueTask CopyAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken ct)
        => _octets?.CopyAsync(take, ct) ?? ValueTask.CompletedTask;

    public void Dispose()
    {
        _content?.Dispose();
        _view.Dispose();
        _place.Dispose();
        _owner?.Dispose();
    }

    private async ValueTask<bool> FindAsync(ImapUrl url, CancellationToken ct)
    {
        if ((url.UidValidity is { } validity && validity != _view.UidValidity) || _view.NumberOf(url.Uid) == 0)
            return false;
        await foreach ((Uid _, MimeMessage structure) in _view.StructuresAsync([url.Uid], ct))
        {
            Result<MessageContent> opened = await _view.OpenMessageAsync(url.Uid, ct);
            if (!opened.Ok)
                return false;
            _content = opened.Value;
            _octets = await SectionOctets.FindAsync(structure, _content, url.Section, url.Partial, ct);
        }

        return _octets is not null;
    }
}
