using FullStack.Net;

namespace FullStack.Pop3.Server;

/// <summary>What follows the status line of a multi-line answer, up to and including the line with the lone dot.</summary>
/// <remarks>RFC 1939 §3. Memory is bounded whatever the length: output is sent as it gathers.</remarks>
internal abstract class Pop3Body
{
    public abstract ValueTask WriteAsync(MailConnection connection, CancellationToken ct);
}
