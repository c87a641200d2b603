using System.Buffers;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mbox;

/// <summary>Reads the beginning of a message again: whether it still is the one that was there, and where its fields are now.</summary>
internal static class MboxHead
{
    private const int BlockOctets = 16 * 1024;

    /// <summary>Reads From_ line, header and as much of the body as goes into the token. Blocks.</summary>
    /// <returns>The message; null where another stands there, or it cannot be read.</returns>
    public static MboxMessage? Read(IMaildirFiles files, SafeFileHandle file, MboxSpan span)
    {
        long until = Math.Min(span.End, span.BodyOffset + MessageUnderScan.SampleOctets);
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockOctets);
        using MessageUnderScan message = new(isFirst: span.Offset == 0);
        try
        {
            Progress progress = new(message, span);
            MboxLines lines = new(span.Offset, MboxScanner.HeadOctets);
            while (lines.Position < until)
            {
                int wanted = (int)Math.Min(block.Length, until - lines.Position);
                if (files.Read(file, block.AsSpan(0, wanted), lines.Position, out int count) != FileError.None || count == 0)
                    return null;
                ReadOnlySpan<byte> octets = block.AsSpan(0, count);
                while (!octets.IsEmpty)
                {
                    int taken = lines.Push(octets, long.MaxValue, out MboxLine line);
                    if (line.IsComplete)
                        progress.Take(line);
                    octets = octets[taken..];
                }
            }

            if (lines.TryComplete(out MboxLine last))
                progress.Take(last);
            return progress.Finish();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>Where in the message the lines are.</summary>
    private sealed class Progress(MessageUnderScan message, MboxSpan span)
    {
        private long _headerEnd = -1;
        private bool _begun;

        public void Take(in MboxLine line)
        {
            if (!_begun)
                message.Begin(line);
            else if (_headerEnd >= 0)
                message.AddBodyLine(line);
            else if (line.IsEmpty)
            {
                message.EndHeader(line);
                if (span.IsCounted)
                    message.Count(span.End);
                _headerEnd = line.Offset + line.Octets;
            }
            else
                message.AddHeaderLine(line);
            _begun = true;
        }

        public MboxMessage? Finish()
        {
            long body = _headerEnd >= 0 ? _headerEnd : span.End;
            if (!_begun || body != span.BodyOffset || !Names(message.MakeToken(span.TextOctets, octets: 0), span))
                return null;
            return message.Describe(span);
        }

        private static bool Names(MessageToken token, MboxSpan span) => span.IsInternal || span.Name.AsSpan().StartsWith(token.Text);
    }
}
