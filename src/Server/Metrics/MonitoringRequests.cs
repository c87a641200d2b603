using System.Text;
using FullStack.Net;
using Microsoft.AspNetCore.Http;

namespace FullStack.Server.Metrics;

/// <summary>Answers those who watch the server: <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c>, to some networks only.</summary>
/// <param name="networks">To whom.</param>
/// <param name="export">What is measured; null: nothing.</param>
/// <param name="health">How the server is.</param>
internal sealed class MonitoringRequests(NetworkList networks, MetricsExport? export, HealthChecks health)
{
    /// <summary>Answers a request that is one of these.</summary>
    /// <returns>Null where it is not, or is not to be answered to this peer.</returns>
    public Task? TryAnswer(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } peer || !networks.Contains(peer) || !HttpMethods.IsGet(context.Request.Method))
            return null;
        return context.Request.Path.Value switch
        {
            "/metrics" when export is not null => AnswerMetricsAsync(context, export),
            "/healthz" => SendAsync(context, StatusCodes.Status200OK, "ok\n"),
            "/readyz" => AnswerReadyAsync(context),
            _ => null,
        };
    }

    private static async Task AnswerMetricsAsync(HttpContext context, MetricsExport export)
    {
        if (export.Prometheus.Read() is { } text)
            await SendAsync(context, StatusCodes.Status200OK, text, PrometheusText.MediaType);
        else
            await SendAsync(context, StatusCodes.Status503ServiceUnavailable, "measuring takes too long\n");
    }

    private async Task AnswerReadyAsync(HttpContext context)
    {
        IReadOnlyList<string> trouble = await health.FindTroubleAsync(context.RequestAborted);
        await (trouble.Count == 0
            ? SendAsync(context, StatusCodes.Status200OK, "ready\n")
            : SendAsync(context, StatusCodes.Status503ServiceUnavailable, string.Join('\n', trouble) + "\n"));
    }

    private static Task SendAsync(HttpContext context, int status, string text) => SendAsync(context, status, Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");

    private static async Task SendAsync(HttpContext context, int status, byte[] text, string mediaType)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = text.Length;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(text, context.RequestAborted);
    }
}
