using System.Text;

namespace FullStack.Harness.Outsiders;

/// <summary>Messages as other programs put them into mailboxes.</summary>
public static class OutsideMail
{
    /// <summary>A small message, with CRLF.</summary>
    public static byte[] Of(string subject) => Encoding.UTF8.GetBytes($"From: a@example.test\r\nSubject: {subject}\r\n\r\nHello.\r\n");
}
