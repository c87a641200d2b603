using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace FullStack.Smtp.Client;

/// <summary>Logs in at a host that wants it, a smart host for instance.</summary>
/// <remarks>RFC 4954 §4; SCRAM-SHA-256 RFC 7677, PLAIN RFC 4616, LOGIN as hosts have it that know no other.</remarks>
internal sealed class ClientLogin(HostSession session, SmtpClientOptions options)
{
    private const string Stage = "after AUTH";
    private const int NonceOctets = 18;

    /// <summary>Logs in.</summary>
    /// <returns>True, so that the host is asked anew what it can do.</returns>
    /// <exception cref="HostFailedException">The host offers no way, or refuses. It is told for later in any case: a wrong password is no fault of the message.</exception>
    public async ValueTask<bool> RunAsync(NetworkCredential credentials, CancellationToken ct)
    {
        if (session.Tls is null && session.Host.EndPoint is not UnixDomainSocketEndPoint)
            throw new HostFailedException(ClientStatus.LoginNeedsTls);
        HostReply reply;
        if (session.Extensions.Mechanisms.Contains("SCRAM-SHA-256"))
            reply = await ProveAsync(credentials, ct);
        else if (session.Extensions.Mechanisms.Contains("PLAIN"))
            reply = await AskAsync($"AUTH PLAIN {Encode($"\0{credentials.UserName}\0{credentials.Password}")}", ct);
        else if (session.Extensions.Mechanisms.Contains("LOGIN"))
            reply = await LogInAsync(credentials, ct);
        else
            throw new HostFailedException(ClientStatus.NoLoginOffered);
        if (reply.IsSuccess)
            return true;
        DeliveryStatus status = reply.IsFailure ? reply.ToStatus() : ClientStatus.Unexpected(reply);
        throw new HostFailedException(status.IsPermanent ? new(454, status.Status with { Class = 4 }, status.Text) : status, isRemote: reply.IsFailure);
    }

    /// <summary>SCRAM: the last word of the host before its success must show that it knows the password (RFC 5802 §5).</summary>
    private async ValueTask<HostReply> ProveAsync(NetworkCredential credentials, CancellationToken ct)
    {
        ScramExchange exchange = new(credentials.UserName, credentials.Password, Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceOctets)));
        HostReply reply = await AskAsync($"AUTH SCRAM-SHA-256 {Encode(exchange.First)}", ct);
        if (!reply.IsGoAhead)
            return reply.IsFailure ? reply : throw new HostFailedException(ClientStatus.HostUnproved);
        if (Decode(reply) is not { } challenge || exchange.Answer(challenge) is not { } answer)
            throw new HostFailedException(ClientStatus.HostUnproved);
        reply = await AskAsync(Encode(answer), ct);
        if (reply.IsFailure)
            return reply;
        if (!reply.IsGoAhead || Decode(reply) is not { } final || !exchange.Confirms(final))
            throw new HostFailedException(ClientStatus.HostUnproved);
        return await AskAsync("", ct);
    }

    private static string? Decode(HostReply reply)
    {
        string text = reply.Lines[0].Trim();
        byte[] octets = new byte[text.Length];
        return Convert.TryFromBase64String(text, octets, out int length) ? Encoding.UTF8.GetString(octets, 0, length) : null;
    }

    private async ValueTask<HostReply> LogInAsync(NetworkCredential credentials, CancellationToken ct)
    {
        HostReply reply = await AskAsync("AUTH LOGIN", ct);
        if (reply.IsGoAhead)
            reply = await AskAsync(Encode(credentials.UserName), ct);
        return reply.IsGoAhead ? await AskAsync(Encode(credentials.Password), ct) : reply;
    }

    private ValueTask<HostReply> AskAsync(string command, CancellationToken ct) => session.Connection.AskAsync(command, Stage, options.CommandTimeout, ct);

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
