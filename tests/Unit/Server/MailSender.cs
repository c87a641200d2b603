using System.Net;
using System.Text;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;

namespace FullStack.Unit.Server;

/// <summary>A mail program: sends one message by SMTP, and wants each step to succeed.</summary>
internal static class MailSender
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <param name="server">Where to.</param>
    /// <param name="user">Who logs in, a test account; null: nobody.</param>
    /// <param name="sender">The sender.</param>
    /// <param name="text">Header and body, dots doubled.</param>
    /// <param name="recipients">The recipients.</param>
    public static async Task SendAsync(IPEndPoint server, string? user, string sender, string text, params string[] recipients)
    {
        await using LineClient client = await OpenAsync(server);
        if (user is not null)
            await TellAsync(client, $"AUTH PLAIN {Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{TestAccounts.AddressOf(user)}\0{TestAccounts.PasswordOf(user)}"))}", "235");
        await TellAsync(client, $"MAIL FROM:<{sender}>", "250");
        foreach (string recipient in recipients)
            await TellAsync(client, $"RCPT TO:<{recipient}>", "250");
        await TellAsync(client, "DATA", "354");
        await client.SendLineAsync(text, Ct);
        await TellAsync(client, ".", "250");
        await TellAsync(client, "QUIT", "221");
    }

    /// <summary>What the server says to a recipient.</summary>
    public static async Task<string> AskAsync(IPEndPoint server, string recipient)
    {
        await using LineClient client = await OpenAsync(server);
        await TellAsync(client, "MAIL FROM:<someone@elsewhere.example>", "250");
        await client.SendLineAsync($"RCPT TO:<{recipient}>", Ct);
        return await client.ReadLineAsync(Ct) ?? "";
    }

    private static async Task<LineClient> OpenAsync(IPEndPoint server)
    {
        LineClient client = await LineClient.ConnectAsync(server, Ct);
        await ExpectAsync(client, "220");
        await TellAsync(client, "EHLO client.example.test", "250");
        return client;
    }

    private static async Task TellAsync(LineClient client, string line, string code)
    {
        await client.SendLineAsync(line, Ct);
        await ExpectAsync(client, code);
    }

    private static async Task ExpectAsync(LineClient client, string code)
    {
        string? line;
        do
        {
            line = await client.ReadLineAsync(Ct);
            Assert.StartsWith(code, line, StringComparison.Ordinal);
        }
        while (line![3] == '-');
    }
}
