using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Auth;
using FullStack.Auth.Sasl;
using FullStack.Net;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>AUTH: logs in by a SASL exchange; alone, lists the mechanisms.</summary>
/// <remarks>RFC 5034 §4 (first RFC 1734). The list is what clients from before CAPA ask for.</remarks>
/// <param name="Mechanism">As the client wrote it; null: it asks for the list.</param>
/// <param name="InitialResponse">Decoded; null where there was none.</param>
internal sealed record AuthCommand(string? Mechanism, byte[]? InitialResponse) : IPop3Command<AuthCommand>
{
    public static Pop3Verb Verb { get; } = new("AUTH", Pop3States.Authorization, "AUTH mechanism [initial-response]", Capability: "SASL");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out AuthCommand? command)
    {
        command = null;
        if (reader.TryReadEnd())
        {
            command = new(null, null);
            return true;
        }

        if (!reader.TryReadSpace() || !reader.TryReadWord(out string? mechanism))
            return false;
        byte[]? initial = null;
        if (reader.TryReadEnd()
            || (reader.TryReadSpace() && reader.TryReadWord(out string? encoded) && reader.TryReadEnd()
                && SaslBase64.TryDecodeInitial(Encoding.UTF8.GetBytes(encoded), out initial)))
            command = new(mechanism, initial);
        return command is not null;
    }

    public async ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        Authenticator authenticator = session.Server.Authenticator;
        if (Mechanism is null)
            return Pop3Reply.Ok("mechanisms follow", new LinesBody([.. authenticator.MechanismsFor(session.Sasl)]));
        if (authenticator.StartSasl(Mechanism, session.Sasl) is not { } exchange)
            return authenticator.NeedsTls(Mechanism, session.Sasl) ? Pop3Reply.TlsRequired : Pop3Reply.AuthNotOffered;
        if (InitialResponse is not null && !exchange.ClientFirst)
            return Pop3Reply.InitialResponseUnwanted;

        SaslStep step = InitialResponse is null && exchange.ClientFirst
            ? new SaslStep.Challenge(ReadOnlyMemory<byte>.Empty)
            : await exchange.NextAsync(InitialResponse ?? [], ct);
        while (step is SaslStep.Challenge challenge)
        {
            session.Connection.Write("+ "u8);
            session.Connection.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(challenge.Octets.Span)));
            session.Connection.Write("\r\n"u8);
            LineFrame line = await session.Connection.ReadLineAsync(Pop3Session.MaxAuthLineOctets, session.Server.Options.IdleTimeout, ct: ct);
            if (line.Status == FrameStatus.TooLong)
                return Pop3Reply.LineTooLong;
            if (line.Status != FrameStatus.Line)
                return Pop3Session.FarewellTo(line.Status);
            if (line.Line.Span.SequenceEqual("*"u8))
                return Pop3Reply.AuthCancelled;
            if (!SaslBase64.TryDecode(line.Line.Span, out byte[]? response))
                return Pop3Reply.AuthMalformed;
            step = await exchange.NextAsync(response, ct);
        }

        return step is SaslStep.Finished finished
            ? await MaildropLogin.AnswerAsync(session, finished.Result, exchange.Mechanism, finished.Identity, ct)
            : Pop3Reply.AuthMalformed;
    }

    /// <summary>Keeps what may be a password out of whatever prints a command.</summary>
    public override string ToString() => "AUTH";
}
