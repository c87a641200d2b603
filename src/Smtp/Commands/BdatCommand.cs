using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>BDAT: a piece of the message, of a length said before, without dots.</summary>
/// <remarks>
/// RFC 3030 §2. The octets follow the command at once, so they are read to their end whatever the reply will be, "to keep the
/// client and server in sync"; where their number cannot be read, or is beyond all bounds, the session ends instead.
/// </remarks>
/// <param name="Octets">The length of the chunk.</param>
/// <param name="IsLast">It ends the message.</param>
internal sealed record BdatCommand(long Octets, bool IsLast) : ISmtpCommand<BdatCommand>
{
    public static SmtpVerb Verb { get; } = new("BDAT", SmtpStates.Any, "BDAT octets [LAST]", SmtpVerbFlags.HasChunk);

    /// <summary>"BDAT" SP chunk-size [SP "LAST"]; chunk-size = 1*DIGIT</summary>
    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out BdatCommand? command)
    {
        command = null;
        if (!reader.TryReadSpace() || !reader.TryReadNumber(out long octets))
            return reader.Refuse(SmtpReply.MalformedChunk);
        bool isLast = reader.TryReadKeyword(" LAST"u8);
        if (!reader.TryReadEnd())
            return reader.Refuse(SmtpReply.MalformedChunk);
        command = new(octets, isLast);
        return true;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        if (Misplaced(session) is { } misplaced)
            return await DiscardAsync(session, misplaced, ct);
        MessageReception? reception = session.Chunks;
        if (reception is null)
        {
            reception = new(session, session.Envelope!, isStuffed: false);
            session.BeginChunks(reception);
            if (await reception.BeginAsync(ct) is { } unwilling)
                return await DiscardAsync(session, unwilling, ct);
        }

        SmtpReply? refusal = await reception.TakeChunkAsync(Octets, IsLast, ct);
        if (refusal is null && !IsLast)
            return SmtpReply.ChunkTaken(Octets);

        // Also a message that is refused is ended: by LMTP there is a reply for each recipient then (RFC 2033 §4.2).
        SmtpReply reply = refusal is not null && (!IsLast || refusal.After == AfterReply.Close) ? refusal : await reception.EndChunksAsync(ct);
        await session.EndTransactionAsync();
        return reply;
    }

    private static SmtpReply? Misplaced(SmtpSession session) => session switch
    {
        { Peer.HelloName.Length: 0 } => session.HelloFirst,
        { Envelope: null } => SmtpReply.MailFirst,
        { Envelope.Recipients.Count: 0 } => SmtpReply.RecipientFirst,
        _ => null,
    };

    /// <summary>Reads the chunk for nothing, and ends the transaction that it would have belonged to.</summary>
    private async ValueTask<SmtpReply> DiscardAsync(SmtpSession session, SmtpReply reply, CancellationToken ct)
    {
        await session.EndTransactionAsync();
        if (Octets > session.Server.Options.EndlessOctets)
            return SmtpReply.MessageEndless;
        DataPace pace = new(session.Connection, session.Server.Options, session.Server.Environment.Time);
        for (long left = Octets; left > 0;)
        {
            ReadOnlySequence<byte> input = await pace.ReadAsync(ct);
            long taken = Math.Min(left, input.Length);
            pace.Advance(input.GetPosition(taken), taken);
            left -= taken;
        }

        return reply;
    }
}
