using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Auth;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>LOGIN: a name and a password.</summary>
/// <remarks>RFC 3501 §6.2.3.</remarks>
internal sealed record LoginCommand(string Identity, string Password) : IImapCommand<LoginCommand>
{
    public static ImapVerb Verb { get; } = new("LOGIN", ImapStates.NotAuthenticated, ImapVerbFlags.Secret);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out LoginCommand? command)
    {
        command = null;
        if (reader.TryReadSpace() && TryReadText(ref reader, out string? identity)
            && reader.TryReadSpace() && TryReadText(ref reader, out string? password) && reader.TryReadEnd())
        {
            command = new(identity, password);
        }
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (!session.IsPasswordAllowed)
            return LoginProcedure.PrivacyRequired;
        LoginResult result = await session.Environment.Authenticator.LoginAsync(Identity, Password, session.Sasl, ct);
        return await LoginProcedure.CompleteAsync(session, result, "LOGIN", Identity, ct);
    }

    /// <summary>userid, password = astring. A literal may hold 8-bit octets, which have to be UTF-8.</summary>
    private static bool TryReadText(ref ImapReader reader, [NotNullWhen(true)] out string? text)
    {
        int start = reader.Position;
        text = null;
        if (reader.TryReadAString(out ReadOnlySpan<byte> octets) && System.Text.Unicode.Utf8.IsValid(octets))
        {
            text = Encoding.UTF8.GetString(octets);
            return true;
        }

        reader.Position = start;
        return false;
    }
}
