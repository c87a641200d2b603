using System.IO.Pipelines;
using System.Text;

namespace FullStack.Smtp.Batch;

/// <summary>Takes a batch apart: lines of commands, texts up to the dot, chunks.</summary>
/// <remarks>A line may end in LF alone, as in a file. Bounded: of a line that is too long for a command the rest is passed over, and the session says so.</remarks>
internal sealed class BatchReader(Stream batch)
{
    private const int PieceOctets = 16 * 1024;
    private const int MaxLineOctets = 16 * 1024;

    private readonly byte[] _piece = new byte[PieceOctets];
    private int _start;
    private int _end;

    /// <summary>The line that was read last, from 1; the lines of texts count, those of chunks do not.</summary>
    public int Line { get; private set; }

    /// <summary>The next line, with its end; null at the end of the batch.</summary>
    public async ValueTask<string?> ReadLineAsync(CancellationToken ct)
    {
        List<byte> line = [];
        while (_start < _end || await FillAsync(ct))
        {
            int found = _piece.AsSpan(_start, _end - _start).IndexOf((byte)'\n') + 1;
            int taken = found == 0 ? _end - _start : found;
            if (line.Count < MaxLineOctets)
                line.AddRange(_piece.AsSpan(_start, taken));
            _start += taken;
            if (found != 0)
                break;
        }

        if (line.Count == 0)
            return null;
        Line++;
        return Encoding.UTF8.GetString([.. line]);
    }

    /// <summary>Copies the text that follows DATA, up to its dot, which is added where the batch ends before it.</summary>
    /// <param name="target">Where to; null: nowhere.</param>
    /// <param name="ct">Ends it.</param>
    public async ValueTask CopyTextAsync(PipeWriter? target, CancellationToken ct)
    {
        bool isEnded = false;
        bool atStart = true;
        List<byte> held = []; // what may be the final dot
        while (!isEnded && (_start < _end || await FillAsync(ct)))
        {
            int found = _piece.AsSpan(_start, _end - _start).IndexOf((byte)'\n') + 1;
            int taken = found == 0 ? _end - _start : found;
            ReadOnlyMemory<byte> part = _piece.AsMemory(_start, taken);
            _start += taken;
            Line += found == 0 ? 0 : 1;
            held.AddRange(part.Span);
            if (found == 0 && (held[^1] == '\r' || (atStart && held.Count < 3)))
            {
                if (held.Count < 3)
                    continue;
                if (target is not null)
                    await target.WriteAsync(held.Take(held.Count - 1).ToArray(), ct); // the CR may be that of a line end
                held.RemoveRange(0, held.Count - 1);
                atStart = false;
                continue;
            }

            isEnded = atStart && IsDot(held);
            byte[] octets = isEnded ? ".\r\n"u8.ToArray() : WithCarriageReturn(held);
            atStart = found != 0;
            held.Clear();
            if (target is not null)
                await target.WriteAsync(octets, ct);
        }

        if (isEnded || target is null)
            return;
        bool isDot = atStart && held.Count == 1 && held[0] == '.';
        await target.WriteAsync(isDot ? ".\r\n"u8.ToArray() : [.. held, .. atStart && held.Count == 0 ? ".\r\n"u8 : "\r\n.\r\n"u8], ct);
    }

    /// <summary>Copies a chunk; less where the batch ends before it.</summary>
    public async ValueTask CopyChunkAsync(long octets, PipeWriter target, CancellationToken ct)
    {
        while (octets > 0 && (_start < _end || await FillAsync(ct)))
        {
            int taken = (int)Math.Min(octets, _end - _start);
            await target.WriteAsync(_piece.AsMemory(_start, taken), ct);
            _start += taken;
            octets -= taken;
        }
    }

    private static bool IsDot(List<byte> line) => line is [(byte)'.', (byte)'\n'] or [(byte)'.', (byte)'\r', (byte)'\n'];

    // In a file lines end in LF; on the wire nothing but CRLF does.
    private static byte[] WithCarriageReturn(List<byte> line)
        => line is [.., (byte)'\n'] && (line.Count == 1 || line[^2] != '\r') ? [.. line[..^1], (byte)'\r', (byte)'\n'] : [.. line];

    private async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        (_start, _end) = (0, await batch.ReadAsync(_piece, ct));
        return _end > 0;
    }
}
