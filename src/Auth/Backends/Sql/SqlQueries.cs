namespace FullStack.Auth.Backends.Sql;

/// <summary>The statements that a database is asked with.</summary>
/// <param name="Password">A row of an account with its password, and what else <see cref="AccountFields"/> knows.</param>
/// <param name="User">A row of an account; null: <paramref name="Password"/> says that too.</param>
/// <param name="Alias">A row for each target of an alias; several targets in one row have commas between them. Null: there are none.</param>
/// <param name="Domain">Any row where mail for the domain (<c>%d</c>) is for here; null: nothing is said of domains.</param>
internal sealed record SqlQueries(QueryTemplate Password, QueryTemplate? User, QueryTemplate? Alias, QueryTemplate? Domain);
