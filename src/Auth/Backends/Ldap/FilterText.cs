using System.Globalization;
using System.Text;

namespace FullStack.Auth.Backends.Ldap;

/// <summary>Text as a value in a search filter.</summary>
internal static class FilterText
{
    /// <summary>Escapes what a filter would take for its own (RFC 4515 §3), and all that is not ASCII.</summary>
    public static string Escape(string value)
    {
        StringBuilder text = new(value.Length);
        foreach (byte octet in Encoding.UTF8.GetBytes(value))
        {
            if (octet is < 0x20 or >= 0x7F or (byte)'*' or (byte)'(' or (byte)')' or (byte)'\\')
                text.Append(CultureInfo.InvariantCulture, $"\\{octet:x2}");
            else
                text.Append((char)octet);
        }

        return text.ToString();
    }
}
