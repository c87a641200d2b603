using System.Text;

namespace FullStack.Auth.Backends;

/// <summary>A text into which parts of an address are put: <c>%u</c> the whole of it, <c>%n</c> the part before the @, <c>%d</c> the domain, <c>%%</c> a percent sign.</summary>
/// <remarks>As Dovecot has them, also as <c>%{user}</c>, <c>%{username}</c> and <c>%{domain}</c>; <c>L</c> before the letter changes nothing, for addresses are in lower case.</remarks>
internal sealed class AddressTemplate
{
    private readonly List<(string Text, char Variable)> _parts; // text, and then a variable; '\0': none

    private AddressTemplate(List<(string Text, char Variable)> parts) => _parts = parts;

    /// <summary>Whether it is the same for every address.</summary>
    public bool IsConstant => _parts.TrueForAll(static part => part.Variable == '\0');

    /// <exception cref="FormatException">A variable is unknown.</exception>
    public static AddressTemplate Parse(string text)
    {
        List<(string Text, char Variable)> parts = [];
        StringBuilder plain = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                plain.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == '%')
            {
                plain.Append('%');
                i++;
            }
            else
            {
                (char variable, int length) = ReadVariable(text.AsSpan(i));
                if (length == 0)
                    throw new FormatException($"\"{text}\" has an unknown variable: %u, %n and %d are known, %% is a percent sign");
                parts.Add((plain.ToString(), variable));
                plain.Clear();
                i += length - 1;
            }
        }

        parts.Add((plain.ToString(), '\0'));
        return new(parts);
    }

    /// <summary>Reads a variable at the beginning of a text.</summary>
    /// <returns>The letter u, n or d, and how long the variable is written; 0: there is none.</returns>
    public static (char Variable, int Length) ReadVariable(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<(string Written, char Variable)> known =
            [("%{username}", 'n'), ("%{user}", 'u'), ("%{domain}", 'd'), ("%Lu", 'u'), ("%Ln", 'n'), ("%Ld", 'd'), ("%u", 'u'), ("%n", 'n'), ("%d", 'd')];
        foreach ((string written, char variable) in known)
        {
            if (text.StartsWith(written))
                return (variable, written.Length);
        }

        return ('\0', 0);
    }

    /// <param name="address">What the variables stand for.</param>
    /// <param name="escape">Applied to what is put in for a variable, never to the rest.</param>
    public string Expand(DirectoryAddress address, Func<string, string>? escape = null)
    {
        StringBuilder text = new();
        foreach ((string before, char variable) in _parts)
        {
            text.Append(before);
            string? value = variable switch
            {
                'u' => address.ToString(),
                'n' => address.Local,
                'd' => address.Domain,
                _ => null,
            };
            if (value is not null)
                text.Append(escape is null ? value : escape(value));
        }

        return text.ToString();
    }
}
