using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Feed;

namespace FullStack.Imap.Commands;

/// <summary>UNSUBSCRIBE: takes a name off the list of names that LSUB shows.</summary>
/// <remarks>RFC 3501 §6.3.7.</remarks>
internal sealed record UnsubscribeCommand(MailboxArgument Mailbox) : IImapCommand<UnsubscribeCommand>
{
    public static ImapVerb Verb { get; } = new("UNSUBSCRIBE", ImapStates.LoggedIn);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UnsubscribeCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMailbox(out MailboxArgument mailbox) && reader.TryReadEnd() ? new(mailbox) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        name = session.Access.NameOfSubscription(name);
        Result<Nothing> changed = await session.Account.SetSubscribedAsync(name, subscribed: false, ct);
        if (changed.Ok)
            session.Notices.Forget(new AccountEvent.SubscriptionChanged(name));
        return changed.Ok ? ImapCompletion.Ok("UNSUBSCRIBE completed") : ImapCompletion.No(changed.Error);
    }
}
