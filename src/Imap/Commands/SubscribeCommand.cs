using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Feed;

namespace FullStack.Imap.Commands;

/// <summary>SUBSCRIBE: puts a name on the list of names that LSUB shows.</summary>
/// <remarks>RFC 3501 §6.3.6.</remarks>
internal sealed record SubscribeCommand(MailboxArgument Mailbox) : IImapCommand<SubscribeCommand>
{
    public static ImapVerb Verb { get; } = new("SUBSCRIBE", ImapStates.LoggedIn);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out SubscribeCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMailbox(out MailboxArgument mailbox) && reader.TryReadEnd() ? new(mailbox) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        name = session.Access.NameOfSubscription(name);
        Result<Nothing> changed = await session.Account.SetSubscribedAsync(name, subscribed: true, ct);
        if (changed.Ok)
            session.Notices.Forget(new AccountEvent.SubscriptionChanged(name));
        return changed.Ok ? ImapCompletion.Ok("SUBSCRIBE completed")
            : changed.Error == StoreError.OverQuota ? ImapCompletion.No("There are too many subscriptions", "LIMIT")
            : ImapCompletion.No(changed.Error);
    }
}
