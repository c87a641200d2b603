using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Feed;

namespace FullStack.Imap.Commands;

/// <summary>UIDBATCHES: ranges of UIDs that hold so many messages each, from the newest messages down.</summary>
/// <remarks>RFC 10022 §3. Any size of batch will do here, so none is refused as too small.</remarks>
/// <param name="Size">Messages in a batch.</param>
/// <param name="Batches">Which batches are told, the newest being the first; null: all.</param>
internal sealed record UidBatchesCommand(uint Size, NumberRange? Batches) : IImapCommand<UidBatchesCommand>
{
    public static ImapVerb Verb { get; } = new("UIDBATCHES", ImapStates.Selected, ImapVerbFlags.MaySendExpunge | ImapVerbFlags.AnswersWithUids);

    /// <summary>SP nz-number [SP nz-number ":" nz-number]</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UidBatchesCommand? command)
    {
        command = null;
        if (!reader.TryReadSpace() || !reader.TryReadNzNumber(out uint size))
            return false;
        NumberRange? batches = null;
        if (!reader.AtEnd)
        {
            if (!reader.TryReadSpace() || !reader.TryReadNzNumber(out uint first) || !reader.TryReadOctet((byte)':') || !reader.TryReadNzNumber(out uint last))
                return false;
            batches = new(Math.Min(first, last), Math.Max(first, last));
        }

        command = reader.TryReadEnd() ? new(size, batches) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        ImapResponseWriter writer = session.Writer;
        MailboxView view = session.View;
        writer.Write("* UIDBATCHES (TAG "u8);
        writer.String(session.Tag.Span);
        writer.Write((byte)')');
        NumberRange wanted = Batches ?? new(1, uint.MaxValue);
        bool isFirst = true;
        for (ulong batch = wanted.First; batch <= wanted.Last && (batch - 1) * Size < (ulong)view.Count; batch++)
        {
            // Counted from the last message down.
            int highest = view.Count - (int)((batch - 1) * Size), lowest = (int)Math.Max(highest - (long)Size + 1, 1);
            writer.Write(isFirst ? " "u8 : ","u8);
            isFirst = false;
            writer.Number(view.UidOf(highest).Value);
            writer.Write((byte)':');
            writer.Number(view.UidOf(lowest).Value);
            await session.Connection.FlushIfLargeAsync(ct);
        }

        writer.EndLine();
        return ImapCompletion.Ok("UIDBATCHES completed");
    }
}
