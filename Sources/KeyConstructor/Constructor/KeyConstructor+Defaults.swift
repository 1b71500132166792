extension KeyConstructor {
    /// Method, format and language: drf-extensions' `DefaultKeyConstructor`.
    ///
    /// It holds neither the path parameters nor the query nor the user: use it as a base, and ``safeDefault`` as it is.
    public static let `default`: KeyConstructor = [
        "unique_method_id": .uniqueMethodID, "format": .format, "language": .language,
    ]

    /// ``default`` and the statement that retrieves the object: drf-extensions' `DefaultObjectKeyConstructor`.
    ///
    /// The statement says which object is meant, not what it holds: add something that changes with the data.
    public static let defaultObject = KeyConstructor.default.adding(["retrieve_sql_query": .retrieveSQLQuery])

    /// ``default``, the statement that lists the collection and the page: drf-extensions' `DefaultListKeyConstructor`.
    ///
    /// As there, the query is read as a form (`QueryParametersKeyBit.Decoding.form`).
    ///
    /// The statement says which objects are meant, not what they hold: add something that changes with the data.
    public static let defaultList = KeyConstructor.default.adding([
        "list_sql_query": .listSQLQuery, "pagination": Bit(PaginationKeyBit(decoding: .form)),
    ])

    /// The values of one row: drf-extensions' `DefaultAPIModelInstanceKeyConstructor`.
    public static let defaultModelInstance: KeyConstructor = ["retrieve_model_values": .retrieveModelValues]

    /// The values of every row of a collection: drf-extensions' `DefaultAPIModelListKeyConstructor`.
    public static let defaultModelList: KeyConstructor = ["list_model_values": .listModelValues]

    /// What a response can depend on when nothing is said about it: ``default``, the path parameters, the whole target with
    /// its query, the user, the scheme and the host. It is what a cache uses when it is given no constructor.
    ///
    /// The target takes part as it was sent: routers have wildcards that name no parameter, and frameworks differ in how
    /// they decode a query.
    public static let safeDefault = KeyConstructor.default.adding([
        "path_parameters": .pathParameters, "arguments": .arguments, "target": .target, "user": .user,
        "scheme": .scheme,
        "host": .host,
    ])
}
