using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Append;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Imap.Commands;

/// <summary>APPEND: puts messages into a mailbox, all or none.</summary>
/// <remarks>RFC 3501 §6.3.11; APPENDUID RFC 4315 §3; several messages RFC 3502; literal8 RFC 3516 §4.4; UTF8 RFC 6855 §4.</remarks>
internal sealed record AppendCommand(MailboxArgument Mailbox, AppendSegment First) : IImapCommand<AppendCommand>
{
    /// <summary>Most messages in one command: each is kept until the last one has come.</summary>
    private const int MaxMessages = 100;

    public static ImapVerb Verb { get; } = new("APPEND", ImapStates.LoggedIn, ImapVerbFlags.StreamsLiteral | ImapVerbFlags.MaySendExpunge);

    /// <summary>SP mailbox 1*(SP [flag-list SP] [date-time SP] literal); the frame ends with the announcement of the first literal.</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out AppendCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMailbox(out MailboxArgument mailbox) && reader.TryReadSpace()
            && reader.TryReadAppendMessage(out AppendSegment? message) ? new(mailbox, message) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        await using AppendBatch batch = new(session, Mailbox, MaxMessages);
        if (await batch.ReceiveAsync(First, ct) is { } refusal)
            return refusal;
        (AppendOutcome? appended, ImapCompletion refused) = await batch.StoreAsync(ct);
        if (appended is null)
            return refused;
        batch.Note(appended);
        await NameAnnouncement.SendIfChangedAsync(session, Mailbox, batch.Place, ct);
        return ImapCompletion.Ok("APPEND completed", ResponseCodes.AppendUid(appended));
    }
}
