using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace FullStack.Mime;

/// <summary>Finds where addresses stand in the value of a header field, folded or not, in time linear in its length.</summary>
/// <remarks>
/// RFC 5322 §3.4 addr-spec, with the obsolete blanks and comments around dots of §4.4. Names, groups, comments around an address and source routes are
/// no part of its place. What an address means is <see cref="AddressList"/>'s affair: it reads whatever it can, this one only what is clear.
/// </remarks>
internal ref struct AddressPlaces(ReadOnlySpan<byte> value)
{
    private static readonly SearchValues<byte> NotInAtom = SearchValues.Create(" \t\r\n()<>@,;:\"\\[]"u8);

    private readonly ReadOnlySpan<byte> _value = value;
    private readonly ArrayBufferWriter<byte> _text = new();
    private int _at;
    private int _start = -1;
    private bool _endsInDot;

    /// <summary>From the local part to the domain.</summary>
    public Range Place { get; private set; }

    /// <summary>Without quotes, backslashes and comments.</summary>
    public string LocalPart { get; private set; } = "";

    /// <summary>A name or a literal in brackets, without blanks and comments.</summary>
    public string Domain { get; private set; } = "";

    /// <summary>Goes to the next address; false where there is none.</summary>
    public bool MoveNext()
    {
        Forget();
        while (_at < _value.Length)
        {
            switch (_value[_at])
            {
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'(':
                    SkipBlanks();
                    break;
                case (byte)'"':
                    ReadQuoted();
                    break;
                case (byte)'@':
                    _at++;
                    if (TryReadAddress())
                        return true;
                    Forget();
                    break;
                case (byte)'<' or (byte)'>' or (byte)',' or (byte)';' or (byte)':' or (byte)')' or (byte)'[' or (byte)']' or (byte)'\\':
                    _at++;
                    Forget();
                    break;
                default:
                    ReadAtom();
                    break;
            }
        }

        return false;
    }

    /// <summary>From behind the @, with the words before it.</summary>
    private bool TryReadAddress()
    {
        int start = _start;
        string? local = Decoded();
        _text.ResetWrittenCount();
        SkipBlanks();
        int end = ReadDomain();
        if (start < 0 || end < 0 || local is null || Decoded() is not { } domain)
            return false;
        (Place, LocalPart, Domain) = (start..end, local, domain);
        return true;
    }

    /// <summary>Takes a domain into the text.</summary>
    /// <returns>Where it ends; -1 where there is none.</returns>
    private int ReadDomain()
    {
        if (_at < _value.Length && _value[_at] == '[')
        {
            int length = _value[_at..].IndexOf((byte)']') + 1;
            _text.Write(_value.Slice(_at, length));
            _at += Math.Max(length, 1);
            return length == 0 ? -1 : _at;
        }

        int end = -1;
        while (_at < _value.Length && !NotInAtom.Contains(_value[_at]) && (end < 0 || _text.WrittenSpan[^1] == '.' || _value[_at] == '.'))
        {
            _text.Write(TakeAtom());
            end = _at;
            SkipBlanks();
        }

        return end;
    }

    private void ReadAtom()
    {
        int begun = _at;
        ReadOnlySpan<byte> atom = TakeAtom();
        Begin(begun, joins: atom[0] == '.');
        _text.Write(atom);
        _endsInDot = atom[^1] == '.';
    }

    private void ReadQuoted()
    {
        Begin(_at, joins: false);
        for (_at++; _at < _value.Length && _value[_at] != '"'; _at++)
        {
            if (_value[_at] == '\\' && _at + 1 < _value.Length)
                _at++;
            else if (_value[_at] is (byte)'\r' or (byte)'\n')
                continue;
            _text.Write(_value.Slice(_at, 1));
        }

        _at = Math.Min(_at + 1, _value.Length);
        _endsInDot = false;
    }

    /// <summary>A word begins: it goes on with the local part before it where a dot joins them, else it begins another one.</summary>
    private void Begin(int at, bool joins)
    {
        if (_start >= 0 && (joins || _endsInDot))
            return;
        Forget();
        _start = at;
    }

    private void Forget()
    {
        _text.ResetWrittenCount();
        (_start, _endsInDot) = (-1, false);
    }

    private readonly string? Decoded() => Utf8.IsValid(_text.WrittenSpan) ? Encoding.UTF8.GetString(_text.WrittenSpan) : null;

    private ReadOnlySpan<byte> TakeAtom()
    {
        int length = _value[_at..].IndexOfAny(NotInAtom);
        ReadOnlySpan<byte> atom = length < 0 ? _value[_at..] : _value.Slice(_at, length);
        _at += atom.Length;
        return atom;
    }

    private void SkipBlanks()
    {
        int depth = 0;
        for (; _at < _value.Length; _at++)
        {
            byte octet = _value[_at];
            if (octet == '(')
                depth++;
            else if (depth == 0 && octet is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
                return;
            else if (octet == ')')
                depth--;
            else if (octet == '\\' && _at + 1 < _value.Length)
                _at++;
        }
    }
}
