using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using FullStack.Smtp.Client;

namespace FullStack.Smtp.Batch;

/// <summary>Reads the replies of a session of this process.</summary>
internal sealed class ReplyReader(PipeReader input)
{
    private readonly List<string> _lines = [];

    /// <summary>Reads one reply; null where the session has ended.</summary>
    public async ValueTask<DeliveryStatus?> ReadAsync(CancellationToken ct)
    {
        _lines.Clear();
        while (true)
        {
            ReadResult read = await input.ReadAsync(ct);
            ReadOnlySequence<byte> buffer = read.Buffer;
            bool isWhole = false;
            while (!isWhole && buffer.PositionOf((byte)'\n') is { } end)
            {
                string line = Encoding.UTF8.GetString(buffer.Slice(0, end)).TrimEnd('\r');
                buffer = buffer.Slice(buffer.GetPosition(1, end));
                _lines.Add(line);
                isWhole = line.Length < 4 || line[3] != '-';
            }

            input.AdvanceTo(buffer.Start, isWhole ? buffer.Start : buffer.End);
            if (isWhole)
                return Status();
            if (read.IsCompleted)
                return null;
        }
    }

    private DeliveryStatus Status()
    {
        int code = int.Parse(_lines[^1].AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture); // it is our own session that wrote it
        return code is >= 300 and < 400
            ? new(code, new(2, 0, 0), "")
            : new HostReply(code, [.. _lines.Select(static line => line.Length > 4 ? line[4..] : "")]).ToStatus();
    }
}
