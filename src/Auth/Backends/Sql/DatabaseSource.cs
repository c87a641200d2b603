using System.Data.Common;
using System.Globalization;

namespace FullStack.Auth.Backends.Sql;

/// <summary>A database behind ADO.NET, whose data source has the pool.</summary>
/// <param name="source">Gives connections.</param>
/// <param name="blocks">Whether its driver holds the thread, so that it gets threads of its own.</param>
internal sealed class DatabaseSource(DbDataSource source, bool blocks) : ISqlSource
{
    public async ValueTask<IReadOnlyList<SqlRow>> QueryAsync(string sql, IReadOnlyList<string> values, int maxRows, CancellationToken ct)
        => blocks
            ? await OwnThread.RunAsync(() => RunAsync(sql, values, maxRows, ct).AsTask().GetAwaiter().GetResult()) // such a driver completes at once
            : await RunAsync(sql, values, maxRows, ct);

    public ValueTask DisposeAsync() => source.DisposeAsync();

    private async ValueTask<IReadOnlyList<SqlRow>> RunAsync(string sql, IReadOnlyList<string> values, int maxRows, CancellationToken ct)
    {
        await using DbConnection connection = await source.OpenConnectionAsync(ct);
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        for (int i = 0; i < values.Count; i++)
        {
            DbParameter parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (string.Create(CultureInfo.InvariantCulture, $"@p{i}"), values[i]);
            command.Parameters.Add(parameter);
        }

        await using DbDataReader reader = await command.ExecuteReaderAsync(ct);
        List<SqlRow> rows = [];
        while (rows.Count < maxRows && await reader.ReadAsync(ct))
        {
            List<KeyValuePair<string, string>> columns = [];
            for (int i = 0; i < reader.FieldCount; i++)
            {
                if (!reader.IsDBNull(i))
                    columns.Add(new(reader.GetName(i), Text(reader.GetValue(i))));
            }

            rows.Add(new(columns));
        }

        return rows;
    }

    private static string Text(object value) => value switch
    {
        byte[] octets => System.Text.Encoding.UTF8.GetString(octets),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
