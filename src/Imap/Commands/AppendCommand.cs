using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Net;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Commands;

/// <summary>APPEND: puts a message into a mailbox.</summary>
/// <remarks>RFC 3501 §6.3.11; APPENDUID RFC 4315 §3. The message streams to the store, whatever its size.</remarks>
internal sealed record AppendCommand(MailboxArgument Mailbox, MessageFlags Flags, DateTimeOffset? InternalDate) : IImapCommand<AppendCommand>
{
    public static ImapVerb Verb { get; } = new("APPEND", ImapStates.LoggedIn, ImapVerbFlags.StreamsLiteral | ImapVerbFlags.MaySendExpunge);

    /// <summary>SP mailbox [SP flag-list] [SP date-time] SP literal; of the literal only its announcement is in the frame.</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out AppendCommand? command)
    {
        command = null;
        if (!reader.TryReadSpace() || !reader.TryReadMailbox(out MailboxArgument mailbox) || !reader.TryReadSpace())
            return false;
        if (reader.TryReadFlagList(out MessageFlags? flags) && !reader.TryReadSpace())
            return false;
        DateTimeOffset? internalDate = null;
        if (reader.TryReadDateTime(out DateTimeOffset date))
        {
            if (!reader.TryReadSpace())
                return false;
            internalDate = date;
        }

        if (LiteralMark.Of(reader.Rest) is not { Start: 0 })
            return false;
        command = new(mailbox, flags ?? MessageFlags.None, internalDate);
        return true;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        IncomingLiteral literal = session.Literal!;
        if (await RefuseEarlyAsync(session, literal, ct) is { } refusal)
            return refusal;

        await using StagedMessage staged = session.Environment.Store.Stage();
        try
        {
            literal.Invite();
            bool hasNul = false;
            while (await literal.ReadAsync(
                (piece, token) =>
                {
                    hasNul |= piece.Span.Contains((byte)0);
                    return hasNul ? ValueTask.CompletedTask : staged.WriteAsync(piece, token);
                },
                ct))
            {
            }

            if (!await literal.TryEndAsync(session.Environment.Options.MaxLineOctets, ct))
                return ImapCompletion.Bad("The command has to end after the message");
            if (hasNul)
                return ImapCompletion.Bad("A message must not contain NUL"); // literal = *CHAR8
            await staged.CompleteAsync(ct);
        }
        catch (IOException e)
        {
            ImapLog.StagingFailed(session.Environment.Logger, session.Connection.Id, e.Message);
            return ImapCompletion.No((e.HResult & 0xFFFF) is 28 or 122 ? StoreError.NoSpace : StoreError.Unavailable); // ENOSPC, EDQUOT
        }

        Result<AppendOutcome> appended = await session.Account.AppendAsync(Mailbox.Name!, staged, Flags, InternalDate, ct);
        if (!appended.Ok)
            return ImapCompletion.NoTarget(appended.Error);
        ImapLog.Appended(
            session.Environment.Logger, session.Connection.Id, literal.Octets, Loggable.From(Mailbox.Name!.Text), session.Account.Name.ToString(),
            appended.Value.Uid.Value);
        return ImapCompletion.Ok("APPEND completed", ResponseCodes.AppendUid(appended.Value));
    }

    /// <summary>What can be refused before the client has sent, or we have kept, a single octet of the message.</summary>
    private async ValueTask<ImapCompletion?> RefuseEarlyAsync(ImapSession session, IncomingLiteral literal, CancellationToken ct)
    {
        if (Mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        if (literal.Octets > session.Environment.Options.MaxAppendOctets)
            return ImapCompletion.No(StoreError.TooBig);
        if (literal.Octets == 0)
            return ImapCompletion.No("A message of no octets is none", "CANNOT");
        Result<MailboxStatus> target = await session.Account.StatusAsync(name, ct);
        return target.Ok ? null : ImapCompletion.NoTarget(target.Error);
    }
}
