using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>APOP: a name, and a digest of the greeting's timestamp and the password.</summary>
/// <remarks>RFC 1939 §7. Offered where the greeting has a timestamp (<c>auth.apop</c>), and for passwords that are stored in the clear.</remarks>
internal sealed record ApopCommand(string Name, string Digest) : IPop3Command<ApopCommand>
{
    public static Pop3Verb Verb { get; } = new("APOP", Pop3States.Authorization, "APOP name digest");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out ApopCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadWord(out string? name) && reader.TryReadSpace() && reader.TryReadWord(out string? digest) && reader.TryReadEnd()
            ? new(name, digest)
            : null;
        return command is not null;
    }

    public async ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        if (session.Timestamp is not { } timestamp)
            return Pop3Reply.ApopNotOffered;
        return await MaildropLogin.AnswerAsync(
            session, await session.Server.Authenticator.LoginByDigestAsync(Name, timestamp, Digest, session.Sasl, ct), Verb.Name, Name, ct);
    }
}
