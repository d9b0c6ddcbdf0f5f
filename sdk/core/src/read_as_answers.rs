//! Models that are read from JSON.

/// Has each model read its platform's JSON as an answer is read: as the generated type, which is then decoded. What is
/// odd in one place has a stand-in and is named, as in an answer.
///
/// It does what `#[serde(try_from)]` does, without a conversion that would show generated types in a facade's public API.
#[doc(hidden)]
#[macro_export]
macro_rules! read_as_answers {
    ($platform:ty; $($model:ty: $generated:ty,)*) => {$(
        impl<'de> ::serde::Deserialize<'de> for $model {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let generated = <$generated as ::serde::Deserialize>::deserialize(deserializer)?;
                <Self as $crate::Decode<$generated, $platform>>::decode(generated).map_err(::serde::de::Error::custom)
            }
        }
    )*};
}

#[cfg(test)]
mod tests {
    use crate::Decode;

    #[derive(Debug)]
    struct Even(u8);

    impl Decode<u8, ()> for Even {
        fn decode(generated: u8) -> Result<Self, String> {
            if generated.is_multiple_of(2) { Ok(Self(generated)) } else { Err("is odd".to_owned()) }
        }
    }

    read_as_answers! { (); Even: u8, }

    #[test]
    fn a_model_is_read_as_the_generated_type_and_decoded() {
        assert_eq!(serde_json::from_str::<Even>("4").unwrap().0, 4);
        assert_eq!(serde_json::from_value::<Even>(5.into()).unwrap_err().to_string(), "is odd");
        assert!(serde_json::from_str::<Even>("\"4\"").is_err());
    }
}
