using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Notify;
using FullStack.Imap.Server;
using FullStack.Store;

namespace FullStack.Imap.Commands;

/// <summary>NOTIFY: what the server tells the client of without being asked, also between commands.</summary>
/// <remarks>RFC 5465 §3.1. A NOTIFY that is refused changes nothing.</remarks>
/// <param name="Request">What to tell; null where an event is not known here.</param>
internal sealed record NotifyCommand(NotifyRequest? Request) : IImapCommand<NotifyCommand>
{
    public static ImapVerb Verb { get; } = new("NOTIFY", ImapStates.LoggedIn, ImapVerbFlags.MaySendExpunge);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out NotifyCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadNotify(out NotifyRequest? request) && reader.TryReadEnd() ? new(request) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Request is null)
            return ImapCompletion.No("One of the events is not known here", $"BADEVENT ({NotifyGrammar.Known})");
        if (session.Notify is not null)
            await session.SendPendingUpdatesAsync(allowExpunges: true, withUids: true, isOwn: false, ct); // what happened until now was asked for by the one before
        return await session.Notices.StartAsync(Request, ct) switch
        {
            NotifyOutcome.Started => ImapCompletion.Ok("NOTIFY completed"),
            NotifyOutcome.TooMany => ImapCompletion.No("These are too many mailboxes to watch", "NOTIFICATIONOVERFLOW"),
            _ => ImapCompletion.No(StoreError.Unavailable),
        };
    }
}
