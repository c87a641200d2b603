namespace FullStack.Auth.Backends.Sql;

/// <summary>A database that can be asked.</summary>
internal interface ISqlSource : IAsyncDisposable
{
    /// <summary>Runs a query.</summary>
    /// <param name="sql">Its text, with <c>@p0</c>, <c>@p1</c> … for parameters.</param>
    /// <param name="values">What the parameters are.</param>
    /// <param name="maxRows">How many rows are read at most.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>The rows: the values of columns by their names, without those that are NULL.</returns>
    /// <exception cref="System.Data.Common.DbException">It cannot be answered now.</exception>
    ValueTask<IReadOnlyList<SqlRow>> QueryAsync(string sql, IReadOnlyList<string> values, int maxRows, CancellationToken ct);
}

/// <summary>One row: columns in their order.</summary>
internal sealed record SqlRow(IReadOnlyList<KeyValuePair<string, string>> Columns);
