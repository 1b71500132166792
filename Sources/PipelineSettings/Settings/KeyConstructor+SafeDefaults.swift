public import KeyConstructor

extension KeyConstructor {
    /// `safeDefault` and the statement that retrieves the object, where the application tells it.
    public static let safeDefaultObject = KeyConstructor.safeDefault.adding(["retrieve_sql_query": .retrieveSQLQuery])

    /// `safeDefault`, the statement that lists the collection, where the application tells it, and the page.
    public static let safeDefaultList = KeyConstructor.safeDefault.adding([
        "list_sql_query": .listSQLQuery, "pagination": .pagination,
    ])

    /// The row of one object, and who sees it how: view, format, language and user. For entity tags.
    ///
    /// The application puts the row on the exchange (`RetrieveModelValues`). Without it there is no key, unlike with
    /// `defaultModelInstance`, whose key would then never change: reads are not tagged, and a conditional update fails.
    public static let safeModelInstance = safeModel.adding([
        "retrieve_model_values": .custom(RequiredModelValuesKeyBit(.retrieve))
    ])

    /// The rows of a collection, and who sees them how: view, format, language and user. For entity tags.
    ///
    /// The application puts the rows on the exchange (`ListModelValues`). Without them there is no key, unlike with
    /// `defaultModelList`, whose key would then never change: reads are not tagged.
    public static let safeModelList = safeModel.adding([
        "list_model_values": .custom(RequiredModelValuesKeyBit(.list))
    ])

    private static let safeModel: KeyConstructor = [
        "unique_view_id": .uniqueViewID, "format": .format, "language": .language, "user": .user,
    ]
}
