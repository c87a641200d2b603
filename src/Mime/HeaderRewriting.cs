using System.Buffers;

namespace FullStack.Mime;

/// <summary>What putting other addresses into a message's header comes to, found out before it is done.</summary>
/// <remarks>
/// The header is read twice, the body goes past once, and no more than a field and a piece are in memory. A message with a DKIM signature stays as it is:
/// whoever signed it vouches for its fields.
/// </remarks>
public sealed class HeaderRewriting
{
    private const int PieceOctets = 16 * 1024;

    private readonly Func<string, string, string?>? _senders;
    private readonly Func<string, string, string?>? _recipients;

    private HeaderRewriting(Func<string, string, string?>? senders, Func<string, string, string?>? recipients, long growth)
        => (_senders, _recipients, Growth) = (senders, recipients, growth);

    /// <summary>By how many octets the message grows; negative where it becomes shorter.</summary>
    public long Growth { get; }

    /// <summary>Reads a header.</summary>
    /// <param name="message">The message, from its first octet.</param>
    /// <param name="senders">
    /// For fields that name senders: of a local part and a domain the address that stands for them, as it is to be written, or null where they stay. None: all stay.
    /// </param>
    /// <param name="recipients">The same for fields that name recipients.</param>
    /// <param name="ct">Ends the work.</param>
    /// <returns>Null where the message stays as it is.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async ValueTask<HeaderRewriting?> PlanAsync(
        Stream message, Func<string, string, string?>? senders, Func<string, string, string?>? recipients, CancellationToken ct)
    {
        HeaderAddressPass pass = new(senders, recipients);
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceOctets);
        ArrayBufferWriter<byte> nowhere = new();
        try
        {
            while (!pass.IsOver && await message.ReadAsync(piece, ct) is var read and > 0)
            {
                pass.Push(piece.AsSpan(0, read), nowhere);
                nowhere.ResetWrittenCount();
            }

            pass.Complete(nowhere);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        return pass.HasChanged && !pass.IsSigned ? new(senders, recipients, pass.Growth) : null;
    }

    /// <summary>The message with its other header.</summary>
    /// <param name="message">The same message, from its first octet; it is disposed of with the result.</param>
    public Stream Apply(Stream message) => new Rewritten(message, new(_senders, _recipients));

    private sealed class Rewritten(Stream message, HeaderAddressPass pass) : ChangedStream(message, PieceOctets)
    {
        private readonly ArrayBufferWriter<byte> _output = new();

        private protected override ReadOnlyMemory<byte> Change(ReadOnlySpan<byte> piece)
        {
            _output.ResetWrittenCount();
            if (piece.IsEmpty)
                pass.Complete(_output);
            else
                pass.Push(piece, _output);
            return _output.WrittenMemory;
        }
    }
}
