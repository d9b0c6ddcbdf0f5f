//! Work that a backend is told by a message, so that it is known beforehand what it says.

/// Defines the type `Work`, and the type `Step` of what it may be told to do, each with its name in a message.
#[macro_export]
macro_rules! work {
    ($(#[$doc:meta])* Work { $($(#[$step_doc:meta])* $step:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Work {
            /// What it is called. No other has that name.
            pub name: String,
            /// What it does, one after the other.
            pub steps: Vec<Step>,
        }

        /// Something that is done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Step {
            $($(#[$step_doc])* $step,)*
        }

        impl Step {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$step),*];

            fn name(self) -> &'static str {
                match self {
                    $(Self::$step => $name,)*
                }
            }
        }

        impl Work {
            /// What it says in the step of this number.
            fn words(&self, number: usize) -> String {
                format!("[{}.{number}] Grüße an die Welt 世界 👋 “wie geht’s?”\n", self.name)
            }
        }

        impl std::fmt::Display for Work {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.name)?;
                self.steps.iter().try_for_each(|step| write!(f, " {}", step.name()))
            }
        }

        impl std::str::FromStr for Work {
            type Err = String;

            fn from_str(message: &str) -> Result<Self, String> {
                let mut words = message.split(' ');
                let name = words.next().unwrap_or_default().to_owned();
                let step = |word| {
                    let step = Step::ALL.iter().find(|step| step.name() == word);
                    step.copied().ok_or_else(|| format!("{word}?"))
                };
                Ok(Self { name, steps: words.map(step).collect::<Result<_, _>>()? })
            }
        }
    };
}

/// A text in pieces of one to seven characters.
pub fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut left = 1;
    for (number, character) in text.chars().enumerate() {
        if left == 0 {
            pieces.push(String::new());
            left = 1 + (number - 1) % 7;
        }
        pieces.last_mut().unwrap().push(character);
        left -= 1;
    }
    pieces
}
