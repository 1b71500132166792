extension KeyConstructor {
    /// Method, format and language: drf-extensions' `DefaultKeyConstructor`.
    ///
    /// It contains neither the path parameters nor the query nor the user. Use it as a base for other constructors;
    /// ``safeDefault`` is complete.
    public static let `default`: KeyConstructor = [
        "unique_method_id": .uniqueMethodID, "format": .format, "language": .language,
    ]

    /// ``default`` and the statement that retrieves the object: drf-extensions' `DefaultObjectKeyConstructor`.
    ///
    /// The statement identifies the object, not its content. Add a bit that changes with the data.
    public static let defaultObject = KeyConstructor.default.adding(["retrieve_sql_query": .retrieveSQLQuery])

    /// ``default``, the statement that lists the collection, and the page: drf-extensions' `DefaultListKeyConstructor`.
    ///
    /// As in drf-extensions, the query is decoded as a form (`QueryParametersKeyBit.Decoding.form`).
    ///
    /// The statement identifies the objects, not their content. Add a bit that changes with the data.
    public static let defaultList = KeyConstructor.default.adding([
        "list_sql_query": .listSQLQuery, "pagination": Bit(PaginationKeyBit(decoding: .form)),
    ])

    /// The values of one row: drf-extensions' `DefaultAPIModelInstanceKeyConstructor`.
    public static let defaultModelInstance: KeyConstructor = ["retrieve_model_values": .retrieveModelValues]

    /// The values of every row of a collection: drf-extensions' `DefaultAPIModelListKeyConstructor`.
    public static let defaultModelList: KeyConstructor = ["list_model_values": .listModelValues]

    /// The request data on which a response can depend: ``default``, the path parameters, the target with its query, the
    /// user, the scheme and the host. A cache without an explicit constructor uses it.
    ///
    /// The target is not decoded, because routers have wildcards without parameter names, and frameworks differ in how they
    /// decode a query.
    public static let safeDefault = KeyConstructor.default.adding([
        "path_parameters": .pathParameters, "arguments": .arguments, "target": .target, "user": .user,
        "scheme": .scheme,
        "host": .host,
    ])
}
