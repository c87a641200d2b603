using System.Globalization;
using System.Xml;

namespace FullStack.Server.ClientSetup;

/// <summary>Settings for Outlook: the XML form of Autodiscover for POP3, IMAP and SMTP, schema outlook 2006a.</summary>
internal static class OutlookAutodiscover
{
    public const string MediaType = "application/xml; charset=utf-8";

    private const string Envelope = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
    private const string Response = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

    /// <summary>Reads a request.</summary>
    /// <param name="body">The XML that came.</param>
    /// <param name="address">What it says the user's address is, unchecked; null where it says none.</param>
    /// <param name="schema">The form of the answer that it accepts; null where it says none.</param>
    /// <returns>False where it is no XML, or has what such a request has no need of, as a document type.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> body, out string? address, out string? schema)
    {
        (address, schema) = (null, null);
        XmlReaderSettings settings = new()
        {
            DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, MaxCharactersInDocument = WebRequests.MaxBodyOctets,
        };
        try
        {
            using MemoryStream stream = new(body.ToArray(), writable: false);
            using XmlReader xml = XmlReader.Create(stream, settings);
            while (xml.Read())
            {
                if (xml is { NodeType: XmlNodeType.Element, LocalName: "EMailAddress" } && address is null)
                    address = TextOf(xml);
                else if (xml is { NodeType: XmlNodeType.Element, LocalName: "AcceptableResponseSchema" } && schema is null)
                    schema = TextOf(xml);
            }

            return true;
        }
        catch (XmlException)
        {
            return false; // it came from anyone
        }
    }

    /// <summary>Whether the client accepts the form that is served; one that does not say takes what it gets.</summary>
    public static bool IsAccepted(string? schema) => schema is null or Response;

    public static byte[] Write(string address, IReadOnlyList<MailEndpoint> endpoints) => XmlText.Write(xml =>
    {
        xml.WriteStartElement("Autodiscover", Envelope);
        xml.WriteStartElement("Response", Response);
        xml.WriteStartElement("User", Response);
        xml.WriteElementString("DisplayName", Response, address);
        xml.WriteEndElement();
        xml.WriteStartElement("Account", Response);
        xml.WriteElementString("AccountType", Response, "email");
        xml.WriteElementString("Action", Response, "settings");
        foreach (MailEndpoint endpoint in endpoints)
            WriteProtocol(xml, address, endpoint);
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    /// <summary>The answer to a request that nothing can be served for.</summary>
    /// <param name="code">600: invalid request; 601: no such form of answer; 500: no such address.</param>
    /// <param name="message">A sentence of ours.</param>
    /// <param name="now">The time.</param>
    public static byte[] WriteError(int code, string message, DateTimeOffset now) => XmlText.Write(xml =>
    {
        xml.WriteStartElement("Autodiscover", Envelope);
        xml.WriteStartElement("Response", Envelope);
        xml.WriteStartElement("Error", Envelope);
        xml.WriteAttributeString("Time", now.ToString("HH:mm:ss.fffffff", CultureInfo.InvariantCulture));
        xml.WriteAttributeString("Id", "0");
        xml.WriteElementString("ErrorCode", Envelope, code.ToString(CultureInfo.InvariantCulture));
        xml.WriteElementString("Message", Envelope, message);
        xml.WriteElementString("DebugData", Envelope, "");
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    private static void WriteProtocol(XmlWriter xml, string address, MailEndpoint endpoint)
    {
        xml.WriteStartElement("Protocol", Response);
        Element("Type", endpoint.Protocol switch { ListenerProtocol.Imap => "IMAP", ListenerProtocol.Pop3 => "POP3", _ => "SMTP" });
        Element("Server", endpoint.Host);
        Element("Port", endpoint.Port.ToString(CultureInfo.InvariantCulture));
        Element("DomainRequired", "off");
        Element("LoginName", address);
        Element("SPA", "off");
        Element("SSL", endpoint.Tls == ListenerTls.Implicit ? "on" : "off");
        if (endpoint.Tls == ListenerTls.Start)
            Element("Encryption", "TLS"); // STARTTLS, in the words of this schema
        Element("AuthRequired", "on");
        xml.WriteEndElement();

        void Element(string name, string value) => xml.WriteElementString(name, Response, value);
    }

    private static string? TextOf(XmlReader xml) => xml.IsEmptyElement ? null : xml.Read() && xml.NodeType == XmlNodeType.Text ? xml.Value.Trim() : null;
}
