using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>BURL: a piece of the message that lies in a mailbox, named by its URL instead of sent.</summary>
/// <remarks>RFC 4468 §3. Where a URL fails, the whole transaction does. With BDAT it makes a message of several pieces (§3.2).</remarks>
/// <param name="Url">As it was sent.</param>
/// <param name="IsLast">It ends the message.</param>
internal sealed record BurlCommand(byte[] Url, bool IsLast) : ISmtpCommand<BurlCommand>
{
    public static SmtpVerb Verb { get; } = new(
        "BURL", SmtpStates.MailGiven | SmtpStates.RcptGiven | SmtpStates.Chunks, "BURL url [LAST]", SmtpVerbFlags.NotLmtp | SmtpVerbFlags.LongLine)
    {
        IsOffered = static session => session.Server.Role == SmtpRole.Submission && session.Server.Environment.Urls is not null,
    };

    /// <summary>"BURL" SP absolute-URI [SP "LAST"]</summary>
    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out BurlCommand? command)
    {
        command = null;
        if (!reader.TryReadSpace() || !reader.TryReadToken(out ReadOnlySpan<byte> url))
            return false;
        bool isLast = reader.TryReadKeyword(" LAST"u8);
        if (!reader.TryReadEnd())
            return false;
        command = new(url.ToArray(), isLast);
        return true;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        if (session.Envelope!.Recipients.Count == 0)
            return SmtpReply.NoValidRecipients;
        bool goesOn = false;
        try
        {
            SmtpReply reply = await TakeAsync(session, ct);
            goesOn = !IsLast && reply == SmtpReply.UrlTaken;
            return reply;
        }
        finally
        {
            if (!goesOn)
                await session.EndTransactionAsync(); // also where it failed for a reason of ours: no message may lack a piece
        }
    }

    private async ValueTask<SmtpReply> TakeAsync(SmtpSession session, CancellationToken ct)
    {
        MessageReception? reception = session.Chunks;
        if (reception is null)
        {
            reception = new(session, session.Envelope!, isStuffed: false);
            session.BeginChunks(reception);
            if (await reception.BeginAsync(ct) is { } unwilling)
                return unwilling;
        }

        using IUrlOctets? octets = await session.Server.Environment.Urls!.OpenAsync(Url, session.Peer.Account!, ct);
        if (octets is null)
            return SmtpReply.UrlRefused;
        if (await reception.TakeOctetsAsync(octets, ct) is { } refusal)
            return refusal;
        return IsLast ? await reception.EndChunksAsync(ct) : SmtpReply.UrlTaken;
    }
}
