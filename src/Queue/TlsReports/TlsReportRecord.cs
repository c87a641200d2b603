using FullStack.Smtp;

namespace FullStack.Queue.TlsReports;

/// <summary>The text in DNS by which a domain asks for reports.</summary>
/// <remarks>RFC 8460 §3.</remarks>
internal static class TlsReportRecord
{
    private const string Version = "v=TLSRPTv1";

    /// <summary>Where reports go that a record names; more are passed over.</summary>
    private const int MaxPlaces = 10;

    private const int MaxPlace = 1024;

    /// <summary>Where reports go, in the order of the record.</summary>
    /// <param name="texts">All texts of the name.</param>
    /// <returns>Empty where not exactly one is such a record, or it names no place that reports can be sent to.</returns>
    public static IReadOnlyList<Uri> PlacesIn(IReadOnlyList<string> texts)
    {
        string[] records = [.. texts.Where(static text => text.StartsWith(Version, StringComparison.Ordinal) && text.AsSpan(Version.Length).TrimStart(" \t") is [';', ..])];
        if (records.Length != 1)
            return [];
        List<Uri> places = [];
        ReadOnlySpan<char> fields = records[0].AsSpan(Version.Length);
        foreach (Range range in fields.Split(';'))
        {
            ReadOnlySpan<char> field = fields[range].Trim(" \t");
            if (!field.StartsWith("rua=", StringComparison.Ordinal))
                continue;
            ReadOnlySpan<char> list = field["rua=".Length..];
            foreach (Range part in list.Split(','))
            {
                ReadOnlySpan<char> place = list[part].Trim(" \t");
                if (places.Count < MaxPlaces && place.Length <= MaxPlace && Uri.TryCreate(place.ToString(), UriKind.Absolute, out Uri? uri) && IsUsable(uri))
                    places.Add(uri);
            }

            break; // there is one
        }

        return places;
    }

    /// <summary>The address of a <c>mailto:</c>; null where it is none. What stands behind a question mark is not looked at.</summary>
    public static MailboxAddress? AddressOf(Uri place)
    {
        if (place.Scheme != Uri.UriSchemeMailto)
            return null;
        string text = place.OriginalString["mailto:".Length..];
        int query = text.IndexOf('?', StringComparison.Ordinal);
        text = Uri.UnescapeDataString(query < 0 ? text : text[..query]);
        int at = text.LastIndexOf('@');
        bool isAddress = at > 0 && at < text.Length - 1 && text.Length <= 254 && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.AsSpan().ContainsAny("<>\"(),:;[\\]");
        return isAddress ? new(text[..at], text[(at + 1)..]) : null;
    }

    private static bool IsUsable(Uri uri) => uri.Scheme == Uri.UriSchemeHttps ? uri.UserInfo.Length == 0 : AddressOf(uri) is not null;
}
