using System.Globalization;
using System.Text;
using FullStack.Store.Spool;

namespace FullStack.Server.Cli.Sendmail;

/// <summary>A message that is being dropped: the commands of its envelope, and its text as one chunk, whose length is put in when it is known.</summary>
internal sealed class DroppedEnvelope(DropWriter drop) : IDisposable
{
    private const int CountDigits = 15;

    private long _chunk;
    private long _begin;

    /// <summary>Octets of text so far.</summary>
    public long Octets => drop.Content.Position - _begin;

    public async ValueTask BeginAsync(string commands, CancellationToken ct)
    {
        await drop.Content.WriteAsync(Encoding.UTF8.GetBytes(commands), ct);
        _chunk = drop.Content.Position;
        await drop.Content.WriteAsync(Chunk(0), ct);
        _begin = drop.Content.Position;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken ct) => drop.Content.WriteAsync(octets, ct);

    /// <summary>Hands the message over: durable on return.</summary>
    public async ValueTask CommitAsync(CancellationToken ct)
    {
        long octets = Octets;
        drop.Content.Position = _chunk;
        await drop.Content.WriteAsync(Chunk(octets), ct); // as long as before
        drop.Commit();
    }

    public void Dispose() => drop.Dispose();

    private static byte[] Chunk(long octets) => Encoding.ASCII.GetBytes($"BDAT {octets.ToString(CultureInfo.InvariantCulture).PadLeft(CountDigits, '0')} LAST\r\n");
}
