public import KeyConstructor

extension KeyConstructor {
    /// A key of `safeDefault` and the statement that retrieves the object, if the application provides it.
    public static let safeDefaultObject = KeyConstructor.safeDefault.adding(["retrieve_sql_query": .retrieveSQLQuery])

    /// A key of `safeDefault`, the statement that lists the collection, if the application provides it, and the page.
    public static let safeDefaultList = KeyConstructor.safeDefault.adding([
        "list_sql_query": .listSQLQuery, "pagination": .pagination,
    ])

    /// A key for entity tags from the row of one object, the view, format, language and user.
    ///
    /// The application adds the row to the exchange (`RetrieveModelValues`). Without the row there is no key, unlike
    /// with `defaultModelInstance`, whose key would then never change: reads are not tagged, and a conditional update
    /// fails.
    public static let safeModelInstance = safeModel.adding([
        "retrieve_model_values": .custom(RequiredModelValuesKeyBit(.retrieve))
    ])

    /// A key for entity tags from the rows of a collection, the view, format, language and user.
    ///
    /// The application adds the rows to the exchange (`ListModelValues`). Without the rows there is no key, unlike with
    /// `defaultModelList`, whose key would then never change: reads are not tagged.
    public static let safeModelList = safeModel.adding([
        "list_model_values": .custom(RequiredModelValuesKeyBit(.list))
    ])

    private static let safeModel: KeyConstructor = [
        "unique_view_id": .uniqueViewID, "format": .format, "language": .language, "user": .user,
    ]
}
