using System.Text;

namespace FullStack.Queue.Programs;

/// <summary>What a program writes: all of it is read, so that it is never kept waiting, and the beginning is kept.</summary>
internal sealed class ProgramOutput(Stream stream)
{
    private const int MaxKept = 16 * 1024;

    private readonly byte[] _kept = new byte[MaxKept];
    private readonly Lock _gate = new();
    private int _length;

    /// <summary>What has come so far.</summary>
    public string Said
    {
        get
        {
            lock (_gate)
                return Encoding.Latin1.GetString(_kept, 0, _length);
        }
    }

    /// <summary>Reads to the end, which comes when nobody has the pipe open any more.</summary>
    public async Task ReadAsync()
    {
        byte[] piece = new byte[4096];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(piece)) > 0)
                Keep(piece.AsSpan(0, read));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // What came before is what it said.
        }
    }

    private void Keep(ReadOnlySpan<byte> octets)
    {
        lock (_gate)
        {
            octets = octets[..Math.Min(octets.Length, _kept.Length - _length)];
            octets.CopyTo(_kept.AsSpan(_length));
            _length += octets.Length;
        }
    }
}
