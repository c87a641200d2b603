using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Auth;
using FullStack.Auth.Sasl;
using FullStack.Net;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>AUTH: logs the client in by a SASL exchange.</summary>
/// <remarks>RFC 4954 §4; replies §6. Offered where clients submit or fetch mail.</remarks>
/// <param name="Mechanism">As the client wrote it.</param>
/// <param name="InitialResponse">Decoded; empty for <c>=</c>, null where there was none.</param>
internal sealed record AuthCommand(string Mechanism, byte[]? InitialResponse) : ISmtpCommand<AuthCommand>
{
    public static SmtpVerb Verb { get; } = new("AUTH", SmtpStates.Ready, "AUTH mechanism [initial-response]", SmtpVerbFlags.LongLine | SmtpVerbFlags.OnDemand)
    {
        IsOffered = static session => session.HasLogin,
    };

    public static bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out AuthCommand? command)
    {
        command = null;
        if (!reader.TryReadSpace() || !reader.TryReadToken(out ReadOnlySpan<byte> mechanism))
            return false;
        byte[]? initial = null;
        if (!reader.TryReadEnd())
        {
            if (!reader.TryReadSpace() || !reader.TryReadToken(out ReadOnlySpan<byte> encoded) || !reader.TryReadEnd())
                return false;
            if (!SaslBase64.TryDecodeInitial(encoded, out initial))
                return reader.Refuse(SmtpReply.MalformedBase64);
        }

        command = new(Encoding.ASCII.GetString(mechanism), initial);
        return true;
    }

    public async ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct)
    {
        if (session.Peer.Account is not null)
            return SmtpReply.AlreadyLoggedIn;
        if (session.Server.Environment.Authenticator is not { } authenticator)
            return SmtpReply.UnknownMechanism;
        if (authenticator.StartSasl(Mechanism, session.Sasl) is not { } exchange)
            return authenticator.NeedsTls(Mechanism, session.Sasl) ? SmtpReply.EncryptionRequired : SmtpReply.UnknownMechanism;

        SaslStep step = await FirstStepAsync(exchange, ct);
        while (step is SaslStep.Challenge challenge)
        {
            await session.ContinueAsync(SmtpReply.Challenge(challenge.Octets.Span), ct);
            LineFrame frame = await session.ReadLineAsync(SmtpSession.MaxAuthLineOctets, ct);
            if (frame.Status != FrameStatus.Line)
                return frame.Status == FrameStatus.TooLong ? SmtpReply.AuthLineTooLong : SmtpSession.ReplyTo(frame.Status);
            if (frame.Line.Span.SequenceEqual("*"u8))
                return SmtpReply.AuthCancelled;
            if (!SaslBase64.TryDecode(frame.Line.Span, out byte[]? response))
                return SmtpReply.MalformedBase64;
            step = await exchange.NextAsync(response, ct);
        }

        return step is SaslStep.Finished finished ? Finish(session, finished) : SmtpReply.MalformedSasl;
    }

    /// <summary>
    /// Decodes one response. A client-first mechanism without initial response is asked for it by an empty challenge. An
    /// initial response for a server-first one answers its first challenge, though RFC 4954 §4 would refuse it:
    /// <c>AUTH LOGIN user-name</c> is what Outlook and many scripts send.
    /// </summary>
    private async ValueTask<SaslStep> FirstStepAsync(ISaslExchange exchange, CancellationToken ct)
    {
        if (exchange.ClientFirst)
            return InitialResponse is null ? new SaslStep.Challenge(ReadOnlyMemory<byte>.Empty) : await exchange.NextAsync(InitialResponse, ct);
        SaslStep first = await exchange.NextAsync(ReadOnlyMemory<byte>.Empty, ct);
        return first is SaslStep.Challenge && InitialResponse is not null ? await exchange.NextAsync(InitialResponse, ct) : first;
    }

    /// <summary>More than "wrong" is told only to who has shown that the password is right.</summary>
    private static SmtpReply RefusalOf(LoginOutcome outcome) => outcome switch
    {
        LoginOutcome.Expired => SmtpReply.PasswordExpired,
        LoginOutcome.NotAuthorized => SmtpReply.NotAuthorized,
        LoginOutcome.KeptOut => SmtpReply.KeptOut,
        _ => SmtpReply.LoginRefused,
    };

    private SmtpReply Finish(SmtpSession session, SaslStep.Finished finished)
    {
        LoginResult result = finished.Result;
        switch (result.Outcome)
        {
            case LoginOutcome.Accepted:
                session.LogIn(result.Account!);
                SmtpLog.LoggedIn(session.Log, session.Connection.Id, Loggable.From(result.Account), Loggable.From(Mechanism));
                return SmtpReply.LoggedIn;
            case LoginOutcome.Unavailable:
                return SmtpReply.LoginUnavailable;
            default:
                SmtpLog.LoginRefused(
                    session.Log, session.Connection.Id, session.Peer.Address, Loggable.From(finished.Identity), Loggable.From(Mechanism));
                return RefusalOf(result.Outcome);
        }
    }
}
