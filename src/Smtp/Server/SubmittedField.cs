using System.Buffers;

namespace FullStack.Smtp.Server;

/// <summary>The value of one kind of field of a submitted message, up to a length.</summary>
/// <param name="maxOctets">The length; what is longer is not kept.</param>
internal sealed class SubmittedField(int maxOctets)
{
    private ArrayBufferWriter<byte>? _value;

    /// <summary>How many fields of the kind have come.</summary>
    public int Count { get; set; }

    /// <summary>More came than is kept.</summary>
    public bool IsTooLong { get; private set; }

    public ReadOnlyMemory<byte> Value => _value?.WrittenMemory ?? default;

    public void Add(ReadOnlySpan<byte> octets)
    {
        IsTooLong |= octets.Length > maxOctets - Value.Length;
        if (IsTooLong)
            return;
        _value ??= new();
        _value.Write(octets);
    }
}
