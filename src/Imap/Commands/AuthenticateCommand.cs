using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Auth;
using FullStack.Auth.Sasl;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Net;

namespace FullStack.Imap.Commands;

/// <summary>AUTHENTICATE: logs in by a SASL mechanism.</summary>
/// <remarks>RFC 3501 §6.2.2; initial response RFC 4959.</remarks>
internal sealed record AuthenticateCommand(string Mechanism, byte[]? InitialResponse) : IImapCommand<AuthenticateCommand>
{
    public static ImapVerb Verb { get; } = new("AUTHENTICATE", ImapStates.NotAuthenticated, ImapVerbFlags.Secret);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out AuthenticateCommand? command)
    {
        command = null;
        if (!reader.TryReadSpace() || !reader.TryReadAtom(out ReadOnlySpan<byte> mechanism))
            return false;
        byte[]? initial = null;
        if (reader.TryReadEnd() || (reader.TryReadSpace() && (EndsAfterSpace(ref reader) || (TryReadInitialResponse(ref reader, out initial) && reader.TryReadEnd()))))
            command = new(Encoding.ASCII.GetString(mechanism), initial);
        return command is not null;
    }

    /// <summary>More lenient than RFC 4959 §7: mutt with GNU SASL sends the space also where it has nothing to say first, as with CRAM-MD5.</summary>
    private static bool EndsAfterSpace(ref ImapReader reader) => reader.TryReadEnd();

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        Authenticator authenticator = session.Environment.Authenticator;
        ISaslExchange? exchange = authenticator.StartSasl(Mechanism, session.Sasl);
        if (exchange is null)
            return authenticator.NeedsTls(Mechanism, session.Sasl) ? LoginProcedure.PrivacyRequired : ImapCompletion.No("That mechanism is not offered");
        if (InitialResponse is not null && !exchange.ClientFirst)
            return ImapCompletion.Bad("With this mechanism the server speaks first"); // RFC 4959 §3: MUST

        SaslStep step = InitialResponse is null && exchange.ClientFirst
            ? new SaslStep.Challenge(ReadOnlyMemory<byte>.Empty)
            : await exchange.NextAsync(InitialResponse ?? [], ct);
        while (step is SaslStep.Challenge challenge)
        {
            SendChallenge(session.Connection, challenge.Octets.Span);
            LineFrame line = await session.Connection.ReadLineAsync(session.Environment.Options.MaxLineOctets, session.ReadTimeout, ct: ct);
            if (line.Status == FrameStatus.TooLong)
                return ImapCompletion.Bad("That response is too long");
            if (line.Status != FrameStatus.Line)
                return CommandFramer.Farewell(line.Status);
            if (line.Line.Span.SequenceEqual("*"u8))
                return ImapCompletion.Bad("AUTHENTICATE cancelled");
            if (!SaslBase64.TryDecode(line.Line.Span, out byte[]? response))
                return ImapCompletion.Bad("That is not base64");
            step = await exchange.NextAsync(response, ct);
        }

        return step is SaslStep.Finished finished
            ? await LoginProcedure.CompleteAsync(session, finished.Result, exchange.Mechanism, finished.Identity, ct)
            : ImapCompletion.Bad($"That is no response of {exchange.Mechanism}");
    }

    /// <summary>initial-resp = (base64 / "="); "=" is the response of no octets.</summary>
    private static bool TryReadInitialResponse(ref ImapReader reader, out byte[]? response)
    {
        ReadOnlySpan<byte> rest = reader.Rest;
        if (!SaslBase64.TryDecodeInitial(rest, out response))
            return false;
        reader.Position += rest.Length;
        return true;
    }

    private static void SendChallenge(MailConnection connection, ReadOnlySpan<byte> octets)
    {
        connection.Write("+ "u8);
        byte[] base64 = new byte[Base64.GetMaxEncodedToUtf8Length(octets.Length)];
        Base64.EncodeToUtf8(octets, base64, out _, out int written);
        connection.Write(base64.AsSpan(0, written));
        connection.Write("\r\n"u8);
    }
}
