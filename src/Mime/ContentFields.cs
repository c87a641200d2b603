namespace FullStack.Mime;

/// <summary>Reads the values of the Content-… fields.</summary>
internal static class ContentFields
{
    /// <summary>
    /// Content-Type (RFC 2045 §5.1); null where type or subtype is missing. What stands between a value and the next semicolon
    /// is passed over, so that an unquoted file name with blanks costs no more than its end.
    /// </summary>
    public static ContentType? ReadContentType(ReadOnlySpan<byte> value)
    {
        FieldReader reader = new(value);
        reader.SkipBlanks();
        if (!reader.TryReadToken(out string type))
            return null;
        reader.SkipBlanks();
        if (!reader.TryRead((byte)'/'))
            return null;
        reader.SkipBlanks();
        if (!reader.TryReadToken(out string subtype))
            return null;

        List<MimeParameter> parameters = ReadParameters(ref reader);
        if (type.Equals("text", StringComparison.OrdinalIgnoreCase) && !HasCharset(parameters))
            parameters.Add(new MimeParameter("charset", "us-ascii"));
        return new ContentType(type, subtype, parameters);
    }

    /// <summary>Content-Disposition (RFC 2183 §2); null where it has no type.</summary>
    public static ContentDisposition? ReadDisposition(ReadOnlySpan<byte> value)
    {
        FieldReader reader = new(value);
        reader.SkipBlanks();
        return reader.TryReadToken(out string type) ? new ContentDisposition(type, ReadParameters(ref reader)) : null;
    }

    /// <summary>Content-Transfer-Encoding (RFC 2045 §6.1); null where there is no token, or more than one.</summary>
    public static string? ReadTransferEncoding(ReadOnlySpan<byte> value)
    {
        FieldReader reader = new(value);
        reader.SkipBlanks();
        if (!reader.TryReadToken(out string encoding))
            return null;
        reader.SkipBlanks();
        return reader.AtEnd || reader.TryRead((byte)';') ? encoding : null;
    }

    /// <summary>Content-Language (RFC 3501 §7.4.2: a parenthesized list of tags).</summary>
    public static IReadOnlyList<string> ReadLanguages(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return [];
        List<string> languages = [];
        FieldReader reader = new(value);
        while (!reader.AtEnd && languages.Count < MimeLimits.Languages)
        {
            reader.SkipBlanks();
            if (reader.TryReadToken(out string language))
                languages.Add(language);
            reader.SkipBlanks();
            reader.SkipToNextElement();
        }

        return languages;
    }

    /// <summary>Content-Type or Content-Disposition as written but for comments and blanks: what stands before the parameters, and these, continuations joined.</summary>
    public static (string Head, List<MimeParameter> Parameters) ReadWithParameters(ReadOnlySpan<byte> value)
    {
        FieldReader reader = new(value);
        reader.SkipBlanks();
        reader.TryReadToken(out string head);
        reader.SkipBlanks();
        if (reader.TryRead((byte)'/'))
        {
            reader.SkipBlanks();
            reader.TryReadToken(out string subtype);
            head = $"{head}/{subtype}";
        }

        return (head, ReadParameters(ref reader));
    }

    private static List<MimeParameter> ReadParameters(ref FieldReader reader)
    {
        List<MimeParameter> parameters = [];
        bool continued = false;
        while (parameters.Count < MimeLimits.Parameters && reader.SkipToNextParameter())
        {
            reader.SkipBlanks();
            if (!reader.TryReadToken(out string name))
                continue;
            reader.SkipBlanks();
            if (!reader.TryRead((byte)'='))
                continue;
            reader.SkipBlanks();
            parameters.Add(new MimeParameter(name, reader.ReadParameterValue()));
            continued |= name.Contains('*');
        }

        return continued ? ParameterContinuations.Join(parameters) : parameters;
    }

    private static bool HasCharset(List<MimeParameter> parameters)
    {
        foreach (MimeParameter parameter in parameters)
        {
            if (parameter.Name.TrimEnd('*').Equals("charset", StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
