using FullStack.Auth.Backends;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Store;
using FullStack.Store.Accounts;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Delivery;

/// <summary>Puts a copy of what users send into their mailboxes for sent mail, for programs that leave that to the server.</summary>
/// <param name="sink">Where the message itself goes.</param>
/// <param name="store">Where copies go.</param>
/// <param name="directory">Says which accounts want one.</param>
/// <param name="byDefault">Whether those want one for which nothing is set.</param>
/// <param name="log">Where a copy that fails is logged.</param>
public sealed class SentCopies(IMessageSink sink, MailStore store, AccountDirectory directory, bool byDefault, ILogger log) : IMessageSink
{
    public bool CanHold => sink.CanHold;

    public bool CanVarySender => sink.CanVarySender;

    public async ValueTask<IMessageIntake> BeginAsync(QueueId id, Envelope envelope, SmtpPeer peer, CancellationToken ct)
    {
        IMessageIntake intake = await sink.BeginAsync(id, envelope, peer, ct);
        return peer.Role == SmtpRole.Submission && AccountName.TryParse(peer.Account ?? "", out AccountName? account) && IsWanted(peer)
            ? new SentCopyIntake(intake, new(id, envelope, account), store, log)
            : intake;
    }

    private bool IsWanted(SmtpPeer peer)
    {
        try
        {
            return directory.FindSubmission(peer.Account!).SentCopy ?? byDefault;
        }
        catch (DirectoryUnavailableException e)
        {
            QueueLog.DirectoryUnavailable(log, peer.ConnectionId, e.Message);
            return byDefault;
        }
    }
}
