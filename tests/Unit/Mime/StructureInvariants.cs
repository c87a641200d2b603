using FullStack.Mime;

namespace FullStack.Unit.Mime;

/// <summary>What holds for the structure of any octets at all, checked against a slow count.</summary>
internal static class StructureInvariants
{
    public static void Check(byte[] octets, MimeMessage message)
    {
        Assert.Equal(octets.Length, message.StoredOctets);
        Assert.Equal(Wire(octets), message.WireOctets);
        Assert.NotNull(message.Root.Envelope);
        Assert.Equal(0, message.Root.HeaderOffset);
        Assert.Equal(octets.Length, message.Root.EndOffset);
        Assert.Equal(message.WireOctets, message.Root.HeaderOctets + message.Root.BodyOctets);
        CheckPart(octets, message.Root, depth: 0);
    }

    private static void CheckPart(byte[] octets, MimePart part, int depth)
    {
        Assert.True(depth <= MimeLimits.Depth + 2);
        Assert.True(0 <= part.HeaderOffset && part.HeaderOffset <= part.BodyOffset && part.BodyOffset <= part.EndOffset && part.EndOffset <= octets.Length);
        ReadOnlySpan<byte> header = octets.AsSpan((int)part.HeaderOffset..(int)part.BodyOffset);
        ReadOnlySpan<byte> body = octets.AsSpan((int)part.BodyOffset..(int)part.EndOffset);
        if (body.Length < 4096 || depth < 2)
        {
            Assert.Equal(Wire(header), part.HeaderOctets);
            Assert.Equal(Wire(body), part.BodyOctets);
            Assert.Equal(body.Count((byte)'\n'), part.BodyLines);
        }

        bool multipart = part.ContentType.Type.Equals("multipart", StringComparison.OrdinalIgnoreCase);
        bool message = part.ContentType.Is("message", "rfc822") || part.ContentType.Is("message", "global");
        Assert.Equal(multipart || message, part.Children.Count > 0);
        if (message)
            Assert.NotNull(Assert.Single(part.Children).Envelope);

        long from = part.BodyOffset;
        foreach (MimePart child in part.Children)
        {
            Assert.True(from <= child.HeaderOffset && child.EndOffset <= part.EndOffset);
            CheckPart(octets, child, depth + 1);
            from = child.EndOffset;
        }
    }

    private static long Wire(ReadOnlySpan<byte> octets)
    {
        long wire = 0;
        for (int i = 0; i < octets.Length; i++)
            wire += octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r') ? 2 : 1;
        return wire;
    }
}
