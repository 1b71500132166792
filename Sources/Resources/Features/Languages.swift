import HTTPPipeline
import HTTPTypes
public import Repositories

/// The languages of a resource: Accept-Language selects one, and rows are read from its repository.
///
/// ```swift
/// let countries = Resource("countries", over: SQLiteRepository(CountryFields.english, in: database)) {
///     Languages("en", others: ["de": SQLiteRepository(CountryFields.german, in: database)])
/// }
/// ```
///
/// The repositories have the same fields. Their columns or views differ: in German, `name` is another column, or that of another view. Clients
/// filter, order and search in the language of the response, which Content-Language names. Writes go to the repository of the resource.
public struct Languages: ResourceFeature {
    let negotiation: LanguageNegotiation
    let repositories: [String: any Repository]

    /// Declares the languages.
    ///
    /// - Parameters:
    ///   - language: The language of the resource's repository, which requests get that accept no other one (RFC 4647).
    ///   - others: The repositories of the other languages.
    public init(_ language: String, others: [String: any Repository]) {
        negotiation = LanguageNegotiation([language] + others.keys.sorted())
        repositories = others.mapValues { LoggedRepository($0) }
    }

    /// Sets the languages.
    public func apply(to settings: inout ResourceSettings) { settings.languages = self }

    /// Returns the first mistake: a repository whose fields are not those of the resource.
    func mistake(for fields: FieldSet) -> String? {
        for (language, repository) in repositories.sorted(by: { $0.key < $1.key }) {
            let others = repository.fields
            let isSame =
                others.fields.map(\.name) == fields.fields.map(\.name)
                && others.fields.map(\.type) == fields.fields.map(\.type) && others.key.name == fields.key.name
            guard isSame else { return "the repository for '\(language)' has other fields" }
        }
        return nil
    }
}

extension Resource {
    /// Returns the repository that the rows of a response are read from.
    func repository(for exchange: Exchange) -> any Repository {
        guard let languages = settings.languages, let language = exchange.language else { return repository }
        return languages.repositories[language] ?? repository
    }
}
