using System.Net.Security;
using System.Text;
using FullStack.Auth.Backends;
using FullStack.Server.Acme;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Server.Metrics;
using FullStack.Server.Zone;
using FullStack.Store.Accounts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.ClientSetup;

/// <summary>Answers mail programs that ask how to set themselves up.</summary>
/// <remarks>
/// Whether a user exists is not told; a domain that is not kept here is not found. What a client says comes back only where the answer needs the
/// address, and then in the form that it has here, escaped. Nothing else is served, and only to GET, HEAD and POST.
/// </remarks>
/// <param name="hostName">The server's name.</param>
/// <param name="signs">Whether profiles are signed.</param>
/// <param name="accounts">Which domains there are.</param>
/// <param name="listeners">Where the server listens, once it does.</param>
/// <param name="certificates">The server's key, and what it shows an authority that is to certify it.</param>
/// <param name="logger">Where requests are told of.</param>
internal sealed class WebRequests(
    string hostName, bool signs, AccountBackends accounts, Func<IReadOnlyList<BoundListener>> listeners, CertificateKeeper certificates, ILogger logger)
{
    /// <summary>Longest body of a request.</summary>
    public const int MaxBodyOctets = 16 * 1024;

    /// <summary>What is told to those who watch the server; null: nothing.</summary>
    public MonitoringRequests? Monitoring { get; init; }

    private const string AutoconfigHost = "autoconfig.";

    public async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        // A proxy before us may count a body otherwise ("Content-Length: +5" is 5 to Kestrel): whatever comes behind one is no request.
        if (context.Request.ContentLength is not null || context.Request.Headers.TransferEncoding.Count > 0)
            context.Response.Headers.Connection = "close";
        try
        {
            await RouteAsync(context);
        }
        catch (DirectoryUnavailableException)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
        catch (BadHttpRequestException e)
        {
            context.Response.StatusCode = e.StatusCode;
        }
        catch (IOException) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest; // a chunk of more octets than there are numbers, or nobody to answer
        }

        HostLog.WebRequest(logger, context.Connection.RemoteIpAddress, context.Request.Method.Length > 8 ? "?" : context.Request.Method, context.Response.StatusCode);
    }

    private Task RouteAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        if (Is(path, "/.well-known/autoconfig/mail/config-v1.1.xml") || Is(path, "/mail/config-v1.1.xml"))
            return Allows(context, "GET", "HEAD") ? AutoconfigAsync(context) : Task.CompletedTask;
        if (Is(path, "/autodiscover/autodiscover.xml"))
            return Allows(context, "POST") ? AutodiscoverAsync(context) : Task.CompletedTask;
        if (Is(path, "/mail.mobileconfig"))
            return Allows(context, "GET", "HEAD") ? ProfileAsync(context) : Task.CompletedTask;
        if (Is(path, MtaStsPolicy.Path))
            return Allows(context, "GET", "HEAD") ? PolicyAsync(context) : Task.CompletedTask;
        if (certificates.Pending.TextAt(path) is { } answer)
            return Allows(context, "GET", "HEAD") ? SendAsync(context, "application/octet-stream", Encoding.ASCII.GetBytes(answer)) : Task.CompletedTask;
        return Monitoring?.TryAnswer(context) ?? NotFoundAsync(context);

        static bool Is(string path, string wanted) => path.Equals(wanted, StringComparison.OrdinalIgnoreCase);
    }

    private static bool Allows(HttpContext context, params ReadOnlySpan<string> methods)
    {
        if (methods.Contains(context.Request.Method))
            return true;
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = string.Join(", ", methods);
        return false;
    }

    private async Task AutoconfigAsync(HttpContext context)
    {
        string? address = context.Request.Query["emailaddress"] is [{ } only] ? only : null;
        string? domain = address is not null ? (await FindAsync(address, context))?.Domain : await DomainByHostAsync(context, AutoconfigHost);
        await (domain is null
            ? NotFoundAsync(context)
            : SendAsync(context, MozillaAutoconfig.MediaType, MozillaAutoconfig.Write(domain, Endpoints)));
    }

    private async Task AutodiscoverAsync(HttpContext context)
    {
        byte[] body = await ReadBodyAsync(context.Request, context.RequestAborted);
        DateTimeOffset now = certificates.Catalog.Now;
        byte[] answer = !OutlookAutodiscover.TryRead(body, out string? address, out string? schema) || address is null
                ? OutlookAutodiscover.WriteError(600, "The request is not understood.", now)
            : !OutlookAutodiscover.IsAccepted(schema) ? OutlookAutodiscover.WriteError(601, "Only settings of the form outlook 2006a are given here.", now)
            : await FindAsync(address, context) is { } here ? OutlookAutodiscover.Write(here.ToString(), Endpoints)
            : OutlookAutodiscover.WriteError(500, "The address is not one of this server's.", now);
        await SendAsync(context, OutlookAutodiscover.MediaType, answer);
    }

    private async Task ProfileAsync(HttpContext context)
    {
        string? address = context.Request.Query["email"] is [{ } only] ? (await FindAsync(only, context))?.ToString() : null;
        IReadOnlyList<MailEndpoint> endpoints = Endpoints;
        MailEndpoint? incoming = endpoints.FirstOrDefault(static endpoint => endpoint.Protocol != ListenerProtocol.Submission);
        MailEndpoint? outgoing = endpoints.FirstOrDefault(static endpoint => endpoint.Protocol == ListenerProtocol.Submission);
        if (address is null || incoming is null || outgoing is null)
        {
            await NotFoundAsync(context);
            return;
        }

        byte[] profile = AppleProfile.Write(address, incoming, outgoing);
        if (signs)
        {
            SslStreamCertificateContext certificate = certificates.Catalog.Select(hostName);
            profile = SignedContent.Sign(profile, certificate, certificates.Catalog.Now);
        }

        context.Response.Headers.ContentDisposition = "attachment; filename=\"mail.mobileconfig\"";
        await SendAsync(context, AppleProfile.MediaType, profile);
    }

    /// <summary>How mail for a domain has to come, for its <c>mta-sts.</c> host (RFC 8461 §3.3).</summary>
    private async Task PolicyAsync(HttpContext context)
        => await (await DomainByHostAsync(context, MtaStsPolicy.HostPrefix) is null
            ? NotFoundAsync(context)
            : SendAsync(context, "text/plain", Encoding.ASCII.GetBytes(MtaStsPolicy.Text(hostName))));

    private IReadOnlyList<MailEndpoint> Endpoints => MailEndpoint.Of(hostName, listeners());

    /// <summary>The address in the form that it has here; null where it is none, or of another domain.</summary>
    private async ValueTask<AccountName?> FindAsync(string address, HttpContext context)
        => AccountName.TryParse(address, out AccountName? name) && await accounts.HasDomainAsync(name.Domain, context.RequestAborted) ? name : null;

    /// <summary>The domain that the host asked for stands for: itself, or that before which a prefix stands.</summary>
    private async ValueTask<string?> DomainByHostAsync(HttpContext context, string prefix)
    {
        string host = context.Request.Host.Host;
        if (host.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            host = host[prefix.Length..];
        return ValueForms.Domain.TryParse(host, out string domain) && await accounts.HasDomainAsync(domain, context.RequestAborted) ? domain : null;
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static async Task SendAsync(HttpContext context, string mediaType, byte[] content)
    {
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = content.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    private static async Task<byte[]> ReadBodyAsync(HttpRequest request, CancellationToken ct)
    {
        using MemoryStream body = new();
        await request.Body.CopyToAsync(body, ct); // Kestrel ends it at MaxBodyOctets
        return body.ToArray();
    }
}
