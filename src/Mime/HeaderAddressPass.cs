using System.Buffers;
using System.Text;

namespace FullStack.Mime;

/// <summary>Lets a message through and puts other addresses into fields of its header.</summary>
/// <remarks>
/// A header ends at the first empty line or behind the first line that is no field. All that is not an address that changes stays octet for octet; the
/// body is not looked at. Holds one field, up to <see cref="MaxFieldOctets"/>; a longer one stays as it is.
/// </remarks>
/// <param name="senders">Gives the address that stands for another in fields that name senders, as it is to be written; null: that one stays. None: all stay.</param>
/// <param name="recipients">The same for fields that name recipients.</param>
internal sealed class HeaderAddressPass(Func<string, string, string?>? senders, Func<string, string, string?>? recipients)
{
    /// <summary>Longest field that is changed, its folding included.</summary>
    public const int MaxFieldOctets = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _field = new();
    private bool _isLong; // the beginning of the field is out already
    private bool _isInLine;

    /// <summary>The header is over.</summary>
    public bool IsOver { get; private set; }

    /// <summary>By how many octets the header has grown; negative where it has become shorter.</summary>
    public long Growth { get; private set; }

    /// <summary>An address has changed.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>A signature covers the header (RFC 6376 §3.5), and breaks if fields change.</summary>
    public bool IsSigned { get; private set; }

    /// <summary>Takes the next piece of the message, in any size.</summary>
    public void Push(ReadOnlySpan<byte> octets, IBufferWriter<byte> output)
    {
        while (!octets.IsEmpty && !IsOver)
        {
            if (!_isInLine && octets[0] is not ((byte)' ' or (byte)'\t'))
                EndField(output);
            if (!_isInLine && octets[0] is (byte)'\r' or (byte)'\n')
                IsOver = true;
            if (IsOver)
                break;
            int end = octets.IndexOf((byte)'\n') + 1;
            int length = end == 0 ? octets.Length : end;
            Take(octets[..length], output);
            _isInLine = end == 0;
            octets = octets[length..];
        }

        output.Write(octets);
    }

    /// <summary>Ends the message.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        EndField(output);
        IsOver = true;
    }

    private void Take(ReadOnlySpan<byte> octets, IBufferWriter<byte> output)
    {
        if (!_isLong && octets.Length > MaxFieldOctets - _field.WrittenCount)
        {
            IsOver |= NameOf(_field.WrittenSpan).IsEmpty && NameOf(octets).IsEmpty;
            output.Write(_field.WrittenSpan);
            _field.ResetWrittenCount();
            _isLong = true;
        }

        if (_isLong)
            output.Write(octets);
        else
            _field.Write(octets);
    }

    private void EndField(IBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> field = _field.WrittenSpan;
        _isLong = false;
        if (field.IsEmpty)
            return;
        ReadOnlySpan<byte> name = NameOf(field);
        IsOver |= name.IsEmpty && !field.StartsWith("From "u8); // an mbox separator that a client left in front
        IsSigned |= Ascii.EqualsIgnoreCase(name, "DKIM-Signature"u8);
        if ((NamesSender(name) ? senders : NamesRecipient(name) ? recipients : null) is { } change)
            WriteChanged(field, field.IndexOf((byte)':') + 1, change, output);
        else
            output.Write(field);
        _field.ResetWrittenCount();
    }

    private void WriteChanged(ReadOnlySpan<byte> field, int start, Func<string, string, string?> change, IBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> value = field[start..];
        output.Write(field[..start]);
        int written = 0;
        AddressPlaces places = new(value);
        while (places.MoveNext())
        {
            if (change(places.LocalPart, places.Domain) is not { } other)
                continue;
            (int from, int length) = places.Place.GetOffsetAndLength(value.Length);
            byte[] text = Encoding.UTF8.GetBytes(other);
            output.Write(value[written..from]);
            output.Write(text);
            Growth += text.Length - length;
            HasChanged = true;
            written = from + length;
        }

        output.Write(value[written..]);
    }

    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> field)
    {
        int colon = field.IndexOf((byte)':');
        ReadOnlySpan<byte> name = colon < 0 ? default : field[..colon].TrimEnd(" \t"u8);
        return name.IndexOfAnyExceptInRange((byte)0x21, (byte)0x7E) >= 0 ? default : name;
    }

    /// <summary>Fields that say who sent the message, and who is to hear of it (RFC 5322 §3.6.2, §3.6.6; RFC 8098 §2.1).</summary>
    private static bool NamesSender(ReadOnlySpan<byte> name)
        => IsAnyOf(WithoutResent(name), "From"u8, "Sender"u8, "Reply-To"u8) || IsAnyOf(name, "Errors-To"u8, "Return-Receipt-To"u8, "Disposition-Notification-To"u8);

    private static bool NamesRecipient(ReadOnlySpan<byte> name) => IsAnyOf(WithoutResent(name), "To"u8, "Cc"u8, "Bcc"u8);

    private static bool IsAnyOf(ReadOnlySpan<byte> name, ReadOnlySpan<byte> one, ReadOnlySpan<byte> another, ReadOnlySpan<byte> third)
        => Ascii.EqualsIgnoreCase(name, one) || Ascii.EqualsIgnoreCase(name, another) || Ascii.EqualsIgnoreCase(name, third);

    private static ReadOnlySpan<byte> WithoutResent(ReadOnlySpan<byte> name) => name.Length > 7 && Ascii.EqualsIgnoreCase(name[..7], "Resent-"u8) ? name[7..] : name;
}
