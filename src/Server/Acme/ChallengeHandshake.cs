using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using FullStack.Net;
using Microsoft.AspNetCore.Connections;

namespace FullStack.Server.Acme;

/// <summary>Stands before HTTPS: answers an authority that asks by TLS, and lets everyone else pass.</summary>
/// <remarks>RFC 8737 §3. While nothing is asked for, a connection is not looked at.</remarks>
internal sealed class ChallengeHandshake(PendingChallenges pending, TimeSpan patience)
{
    private static readonly SslApplicationProtocol s_protocol = new("acme-tls/1");

    /// <param name="connection">A connection from which nothing was read.</param>
    /// <param name="next">What goes on with it where it is another's.</param>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (!pending.ExpectsHandshake)
        {
            await next(connection);
            return;
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        limit.CancelAfter(patience);
        bool isAuthority;
        try
        {
            isAuthority = await IsAuthorityAsync(connection.Transport.Input, limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ConnectionResetException)
        {
            return; // it said nothing
        }

        if (isAuthority)
            await AnswerAsync(connection, limit.Token);
        else
            await next(connection);
    }

    /// <summary>Looks at the first message and leaves it where it is.</summary>
    private static async Task<bool> IsAuthorityAsync(PipeReader input, CancellationToken ct)
    {
        while (true)
        {
            ReadResult read = await input.ReadAsync(ct);
            bool? found = ClientHello.OffersOnly(read.Buffer.Slice(0, Math.Min(read.Buffer.Length, ClientHello.MaxOctets)).ToArray(), s_protocol.Protocol.Span);
            bool isDecided = found is not null || read.IsCompleted;
            // What was not examined comes again at the next read, which is the handshake's.
            input.AdvanceTo(read.Buffer.Start, isDecided ? read.Buffer.Start : read.Buffer.End);
            if (isDecided)
                return found == true;
        }
    }

    private async Task AnswerAsync(ConnectionContext connection, CancellationToken ct)
    {
        await using SslStream tls = new(new DuplexPipeStream(connection.Transport.Input, connection.Transport.Output));
        try
        {
            await tls.AuthenticateAsServerAsync((_, hello, _, _) => new(new SslServerAuthenticationOptions
            {
                ApplicationProtocols = [s_protocol],
                ServerCertificateContext = pending.TryGetCertificate(hello.ServerName, out SslStreamCertificateContext? certificate)
                    ? certificate
                    : throw new AuthenticationException("nothing is asked for that name"),
            }), state: null, ct);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            // The authority tells the order what it missed, and the order says so.
        }
    }
}
