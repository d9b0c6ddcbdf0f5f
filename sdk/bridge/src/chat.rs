//! The work in one chat: message after message is answered.

use mycel_sdk::{Chat, ChatKind, Message, MessageKind, UserId, UserKind};

use crate::desk::{Desk, Halt};
use crate::lent::{Lent, Trouble};
use crate::store::Turn;

/// What stands for an answer that has no text.
const NOTHING: &str = "(There is no answer in words.)";

/// Answers what was said in a chat, until there is nothing left to answer.
pub(crate) async fn work(desk: &Desk, lent: &Lent) -> Result<(), Halt> {
    // What was in work before may have been begun, and said.
    let mut is_new = desk.turn().is_none();
    loop {
        let is_all = desk.take_in_some().await?;
        while begin(desk)? {
            finish(desk, lent, is_new).await?;
            is_new = true;
        }
        if is_all {
            return Ok(());
        }
    }
}

/// Goes on with what is in work, or begins with the next that waits; `false` where nothing does.
fn begin(desk: &Desk) -> Result<bool, Halt> {
    if desk.turn().is_some() {
        return Ok(true);
    }
    if desk.state().queue.is_empty() {
        return Ok(false);
    }
    desk.change(|state| {
        let asked = state.queue.pop_front()?;
        let (session, said) = (state.session.clone(), asked.seq);
        let choices = state.choices.take_if(|choices| choices.of == asked.sender);
        let (is_anew, has_begun) = (false, false);
        state.turn = Some(Turn { asked, session, is_anew, has_begun, choices, said, prompt: None, answer: None });
        Some(())
    })?;
    Ok(true)
}

/// Answers what is in work, which `is_new` unless it may have been begun.
async fn finish(desk: &Desk, lent: &Lent, is_new: bool) -> Result<(), Halt> {
    let mut is_unsaid = false;
    if desk.turn().is_some_and(|turn| turn.answer.is_none()) {
        let answer = answer(desk, lent, is_new).await?;
        let answer = if answer.trim().is_empty() { NOTHING.to_owned() } else { answer };
        desk.change_turn(|turn| turn.answer = Some(answer))?;
        is_unsaid = true;
    }
    if let Some(answer) = desk.turn().and_then(|turn| turn.answer) {
        match desk.say(&answer, is_unsaid).await {
            Err(Halt::Unsayable(error)) => {
                let instead = format!("My answer can't be shown here: {error}");
                desk.change_turn(|turn| turn.answer = Some(instead.clone()))?;
                desk.say(&instead, true).await?;
            }
            outcome => drop(outcome?),
        }
    }
    let answered = desk.change(|state| state.turn.take())?;
    if let Some(turn) = answered {
        eprintln!("{}: message {} is answered", desk.chat, turn.asked.seq);
    }
    Ok(())
}

/// What is answered, for as long as that takes.
async fn answer(desk: &Desk, lent: &Lent, is_new: bool) -> Result<String, Halt> {
    let (mut is_new, mut pauses) = (is_new, desk.pace.pauses());
    loop {
        match lent.answer(desk, is_new).await {
            Ok(answer) => return Ok(answer),
            Err(Trouble::Unsent(reason)) => pauses.after(desk.chat.as_str(), &reason).await,
            Err(Trouble::Passing(reason)) => {
                is_new = false;
                pauses.after(desk.chat.as_str(), &reason).await;
            }
            Err(Trouble::Lasting(reason)) => {
                eprintln!("{}: there is no answer: {reason}", desk.chat);
                return Ok(format!("I can't answer that: {reason}"));
            }
            Err(Trouble::Halt(Halt::Unsayable(error))) => {
                return Ok(format!("I can't answer that: what I have to ask can't be shown here ({error})"));
            }
            Err(Trouble::Halt(halt)) => return Err(halt),
        }
    }
}

/// Whether a message is one that this agent is to answer: a person's, in a chat of two, or one that mentions it or is
/// addressed to it. Agents that answer each other would never end.
pub(crate) fn is_for(message: &Message, chat: &Chat, me: &UserId, answers_agents: bool) -> bool {
    let is_said = message.kind == MessageKind::Human && message.retracted_at.is_none() && message.sender_id != *me;
    let sender = chat.members.iter().find(|member| member.id == message.sender_id);
    let is_taken = answers_agents || sender.is_some_and(|member| member.kind == UserKind::Human);
    let is_called = message.mentions.contains(me) || message.addressed_to.contains(me);
    is_said && is_taken && (is_called || chat.kind == ChatKind::Direct)
}
