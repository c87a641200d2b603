using System.Net.Security;

namespace FullStack.Net.Tls;

/// <summary>TLS that tells a <see cref="DataBalance"/> of the data in it.</summary>
internal sealed class BalancedTlsStream(Stream records, DataBalance balance) : SslStream(records, leaveInnerStreamOpen: false)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int octets = await base.ReadAsync(buffer, cancellationToken);
        balance.Read(octets);
        return octets;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await base.WriteAsync(buffer, cancellationToken);
        balance.Sent();
    }
}
