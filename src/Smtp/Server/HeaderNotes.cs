using System.Text;

namespace FullStack.Smtp.Server;

/// <summary>Notes what fields of a message's header ask of the hosts on its way, and what it is called.</summary>
/// <remarks>TLS-Required: RFC 8689 §3. Solicitation: RFC 3865 §2.5. Of several fields of one name each counts.</remarks>
internal sealed class HeaderNotes
{
    /// <summary>Longest value looked at, its folding included; a longer one is none of ours.</summary>
    private const int MaxValueOctets = 1024;

    /// <summary>Longest list of classes kept: a header may have any number of fields.</summary>
    private const int MaxSolicitations = 8192;

    private readonly byte[] _value = new byte[MaxValueOctets];
    private int _octets;
    private Field _field;

    private enum Field
    {
        Other,
        TlsRequired,
        Solicitation,
        MessageId,
    }

    /// <summary>The Message-ID; empty where there is none.</summary>
    public string MessageId { get; private set; } = "";

    /// <summary>TLS-Required: No.</summary>
    public bool TlsOptional { get; private set; }

    /// <summary>Classes that the message is said to belong to, commas between them.</summary>
    public string Solicitations { get; private set; } = "";

    /// <summary>A field begins; the one before it is over.</summary>
    public void Begin(ReadOnlySpan<byte> name)
    {
        End();
        if (Ascii.EqualsIgnoreCase(name, "TLS-Required"u8))
            _field = Field.TlsRequired;
        else if (Ascii.EqualsIgnoreCase(name, "Solicitation"u8))
            _field = Field.Solicitation;
        else if (Ascii.EqualsIgnoreCase(name, "Message-ID"u8))
            _field = Field.MessageId;
    }

    /// <summary>The next piece of its value, line ends included.</summary>
    public void Add(ReadOnlySpan<byte> octets)
    {
        if (_field == Field.Other)
            return;
        if (octets.Length > MaxValueOctets - _octets)
        {
            (_field, _octets) = (Field.Other, 0);
            return;
        }

        octets.CopyTo(_value.AsSpan(_octets));
        _octets += octets.Length;
    }

    /// <summary>The last field is over.</summary>
    public void End()
    {
        ReadOnlySpan<byte> value = _value.AsSpan(0, _octets).Trim(" \t\r\n"u8);
        if (_field == Field.TlsRequired)
            TlsOptional |= Ascii.EqualsIgnoreCase(value, "No"u8);
        else if (_field == Field.Solicitation && Solicitations.Length < MaxSolicitations && Solicitation.Read(value) is { } classes)
            Solicitations = Solicitations.Length == 0 ? classes : $"{Solicitations},{classes}";
        else if (_field == Field.MessageId)
            MessageId = Encoding.UTF8.GetString(value);
        (_field, _octets) = (Field.Other, 0);
    }
}
