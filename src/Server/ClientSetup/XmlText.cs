using System.Text;
using System.Xml;

namespace FullStack.Server.ClientSetup;

/// <summary>Writes documents in UTF-8; what goes into them is escaped by the writer.</summary>
internal static class XmlText
{
    public static byte[] Write(Action<XmlWriter> content)
    {
        using MemoryStream stream = new();
        using (XmlWriter xml = XmlWriter.Create(stream, new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), Indent = true }))
        {
            xml.WriteStartDocument();
            content(xml);
            xml.WriteEndDocument();
        }

        return stream.ToArray();
    }
}
